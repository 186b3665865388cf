"""The wheel scripts: tags, what a wheel may hold, the model they open, the Pythons they find."""

import importlib.util
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

WHEELS = Path(__file__).resolve().parents[2] / "wheels"


def load(name: str):
    """A script of ``wheels/`` as a module; by path, since ``build`` is a package's name too."""
    spec = importlib.util.spec_from_file_location(f"wheels_{name}", WHEELS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module     # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


build, check, interpreters = load("build"), load("check"), load("interpreters")

NAME = "tensorwire-0.1.0-cp311-cp311-{}.whl"


@pytest.mark.parametrize(
    ("tags", "glibc"),
    [
        ("manylinux2014_x86_64.manylinux_2_17_x86_64", (2, 17)),
        ("manylinux1_x86_64.manylinux_2_5_x86_64", (2, 5)),
        ("manylinux2010_x86_64.manylinux_2_34_aarch64", (2, 12)),
        ("manylinux_2_34_x86_64", (2, 34)),
        ("linux_x86_64", None),
    ],
)
def test_the_glibc_of_a_tag(tags, glibc):
    assert build.glibc_of(NAME.format(tags)) == glibc


@pytest.mark.parametrize(
    ("tags", "at_most", "complaint"),
    [
        ("manylinux_2_34_x86_64", (2, 17), "needs a newer glibc than glibc 2.17"),
        ("linux_x86_64", None, "has no manylinux tag"),
        ("linux_x86_64", (2, 17), "has no manylinux tag"),
    ],
)
def test_a_high_tag_is_refused(tags, at_most, complaint):
    with pytest.raises(SystemExit, match=complaint):
        build.require_tag(NAME.format(tags), at_most)


@pytest.mark.parametrize(
    ("tags", "at_most"),
    [
        ("manylinux_2_34_x86_64", None),
        ("manylinux_2_5_x86_64", (2, 17)),
        ("manylinux2014_x86_64", (2, 17)),
        ("musllinux_1_2_x86_64", (2, 17)),
    ],
)
def test_an_honest_tag_passes(tags, at_most):
    build.require_tag(NAME.format(tags), at_most)


GOOD = ["tensorwire/py.typed", "tensorwire/_core/wire.cpython-311-x86_64-linux-gnu.so"]


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (GOOD, None),
        ([*GOOD, "tensorwire/_core/wire.pxd"], r"holds sources: .*wire\.pxd"),
        ([*GOOD, "_core/wire.c"], "holds sources"),
        (GOOD[:1], "holds no compiled module"),
        (GOOD[1:], r"holds no py\.typed"),
    ],
)
def test_what_a_wheel_may_hold(tmp_path, names, complaint):
    path = tmp_path / NAME.format("manylinux_2_17_x86_64")
    with zipfile.ZipFile(path, "w") as wheel:
        for name in names:
            wheel.writestr(name, b"")
    if complaint is None:
        build.require_contents(path)
    else:
        with pytest.raises(SystemExit, match=complaint):
            build.require_contents(path)


def test_the_model_is_real():
    model = onnx.load_model_from_string(check.model_bytes())
    onnx.checker.check_model(model, full_check=True)
    weight, bias = (numpy_helper.to_array(tensor) for tensor in model.graph.initializer)
    assert np.array_equal(weight, np.array(check.WEIGHT, "float32"))
    assert np.array_equal(bias, np.array(check.BIAS, "int64"))


def test_this_interpreter_is_found():
    found = interpreters.interpreters()
    here = [one for one in found if one.version == sys.version_info[:3]]
    assert here and any(not one.lacks for one in here)
    assert len({one.path for one in found}) == len(found)


def test_what_is_no_python_is_left_out(tmp_path):
    assert interpreters.ask(tmp_path / "python3") is None
    assert interpreters.ask(Path(sys.executable)).tag.startswith("cp3")
