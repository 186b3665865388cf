"""Files that include each other: where they are looked for, and that each counts once."""

from __future__ import annotations

import pytest

from tensorwire.errors import SchemaError
from tensorwire.flat.fbs import parse_file, parse_text


def write(folder, **texts):
    """``a__b`` is ``a/b.fbs``."""
    for name, text in texts.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".fbs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def names(found):
    return [one.name for one in found.objects]


def test_beside_the_file_that_includes(tmp_path):
    write(
        tmp_path,
        main='include "sub/one.fbs"; table Main { one:One; }',
        sub__one='include "two.fbs"; table One { two:Two; }',
        sub__two="table Two {}",
    )
    assert names(parse_file(tmp_path / "main.fbs")) == ["Two", "One", "Main"]


def test_beside_the_first_file(tmp_path):
    write(
        tmp_path,
        main='include "sub/one.fbs"; table Main {}',
        sub__one='include "other/two.fbs"; table One {}',
        other__two="table Two {}",
    )
    assert names(parse_file(tmp_path / "main.fbs")) == ["Two", "One", "Main"]


def test_in_the_folders_given_in_their_order(tmp_path):
    write(
        tmp_path, main='include "x.fbs"; table Main {}', a__x="table A {}", b__x="table B {}"
    )
    folders = [tmp_path / "b", str(tmp_path / "a")]
    assert names(parse_file(tmp_path / "main.fbs", folders)) == ["B", "Main"]
    assert names(parse_text('include "x.fbs"; table T {}', folders[1:])) == ["A", "T"]


def test_its_own_folder_comes_first(tmp_path):
    write(tmp_path, main='include "x.fbs"; table Main {}', x="table Own {}", a__x="table A {}")
    assert names(parse_file(tmp_path / "main.fbs", [tmp_path / "a"])) == ["Own", "Main"]


def test_each_file_once(tmp_path):
    write(
        tmp_path,
        main='include "a.fbs"; include "b.fbs"; include "./a.fbs"; table Main {}',
        a='include "c.fbs"; table A {}',
        b='include "c.fbs"; include "sub/../a.fbs"; table B {}',
        c="table C {}",
        sub__x="",
    )
    assert names(parse_file(tmp_path / "main.fbs")) == ["C", "A", "B", "Main"]


def test_copies_of_a_file_are_one(tmp_path):
    """As flatc: the same name and the same text, wherever they lie."""
    write(
        tmp_path,
        main='include "a/x.fbs"; include "b/x.fbs"; table Main {}',
        a__x="table X {}",
        b__x="table X {}",
    )
    assert names(parse_file(tmp_path / "main.fbs")) == ["X", "Main"]


def test_circles(tmp_path):
    write(
        tmp_path,
        main='include "main.fbs"; include "a.fbs"; table Main { a:A; }',
        a='include "main.fbs"; include "a.fbs"; table A { main:Main; }',
    )
    assert names(parse_file(tmp_path / "main.fbs")) == ["A", "Main"]


def test_a_long_chain(tmp_path):
    count = 1500
    for number in range(count):
        text = f'include "f{number + 1}.fbs"; table T{number} {{ next:T{number + 1}; }}'
        (tmp_path / f"f{number}.fbs").write_text(text)
    (tmp_path / f"f{count}.fbs").write_text(f"table T{count} {{}}")
    assert len(parse_file(tmp_path / "f0.fbs").objects) == count + 1


def test_what_an_included_file_has_for_itself(tmp_path):
    """Its namespace, root, identifier, extension and JSON; its attributes are everyone's."""
    write(
        tmp_path,
        main='include "a.fbs"; table Main (mine) { a:n.A; }',
        a='namespace n; attribute "mine"; table A { x:int; } root_type A; file_identifier "AAAA";'
        ' file_extension "a"; { x: 5 }',
    )
    found = parse_file(tmp_path / "main.fbs")
    assert names(found) == ["n.A", "Main"]
    assert (found.root, found.identifier, found.extension) == (None, "", "")


def test_backslashes_are_slashes(tmp_path):
    write(tmp_path, main=r'include "sub\\x.fbs"; table Main {}', sub__x="table X {}")
    assert names(parse_file(tmp_path / "main.fbs")) == ["X", "Main"]


def test_bytes_that_are_no_utf8_in_comments(tmp_path):
    (tmp_path / "x.fbs").write_bytes(b"// \xff\xfe\ntable T { /* \x80 */ }")
    assert names(parse_file(tmp_path / "x.fbs")) == ["T"]
    (tmp_path / "x.fbs").write_bytes(b'attribute "\xff";')
    with pytest.raises(SchemaError, match="not UTF-8"):
        parse_file(tmp_path / "x.fbs")


def test_errors_name_the_file_they_are_in(tmp_path):
    write(tmp_path, main='include "sub/a.fbs";\ntable Main {}', sub__a="\n\ntable A { x:Gone; }")
    with pytest.raises(SchemaError) as caught:
        parse_file(tmp_path / "main.fbs")
    assert caught.value.file == str(tmp_path / "sub/a.fbs") and caught.value.line == 3


def test_what_is_not_there(tmp_path):
    write(tmp_path, main='\ninclude "gone.fbs"; table Main {}')
    with pytest.raises(SchemaError, match=r"line 2, column 9: no file 'gone.fbs' to include in:"):
        parse_file(tmp_path / "main.fbs", [tmp_path / "inc"])
    with pytest.raises(SchemaError, match="no folder given"):
        parse_text('include "x.fbs"; table T {}')
    with pytest.raises(FileNotFoundError):
        parse_file(tmp_path / "gone.fbs")


@pytest.mark.parametrize(
    "name", ["/etc/hostname", "sub", "/dev/zero", ".", "x\\u0000y", "a" * 9000]
)
def test_only_files_by_relative_names(tmp_path, name):
    (tmp_path / "sub").mkdir()
    write(tmp_path, main=f'include "{name}"; table Main {{}}')
    with pytest.raises(SchemaError, match=r"relative|no file"):
        parse_file(tmp_path / "main.fbs")


def test_a_text_looks_nowhere_by_itself(tmp_path, monkeypatch):
    write(tmp_path, x="table X {}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SchemaError, match=r"no file 'x\.fbs'"):
        parse_text('include "x.fbs"; table T {}')
    assert names(parse_text('include "x.fbs"; table T {}', ["."])) == ["X", "T"]
