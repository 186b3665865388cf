"""What the options of the Arrow export accept, and what the preset means."""

from __future__ import annotations

import pickle

import pytest

from tensorwire.columns.arrow.options import CHOICES, ArrowOptions


def test_the_defaults_are_the_first_choices():
    options = ArrowOptions()
    assert {name: getattr(options, name) for name in CHOICES} == {
        name: known[0] for name, known in CHOICES.items()
    }
    assert ArrowOptions.of() == options


@pytest.mark.parametrize("name", CHOICES)
def test_a_wrong_value_is_named_with_those_that_are_right(name):
    with pytest.raises(ValueError, match=f"{name} must be .*'{CHOICES[name][-1]}', not 'never'"):
        ArrowOptions(**{name: "never"})
    with pytest.raises(ValueError, match="not 3"):
        ArrowOptions(**{name: 3})


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_accepted(name):
    for value in CHOICES[name]:
        assert getattr(ArrowOptions.of(**{name: value}), name) == value


def test_the_preset_for_spark():
    assert ArrowOptions.of("spark") == ArrowOptions(
        strings="string", unsigned="signed", lists="list", timestamps="us"
    )


def test_what_is_chosen_wins_over_the_preset():
    options = ArrowOptions.of("spark", strings="large_string", lists=None, layout="nested")
    assert (options.strings, options.lists, options.layout) == ("large_string", "list", "nested")


def test_an_unknown_preset_or_option():
    with pytest.raises(ValueError, match="must be None, 'spark' or ArrowOptions, not 'flink'"):
        ArrowOptions.of("flink")
    with pytest.raises(TypeError, match="no option 'string'"):
        ArrowOptions.of(string="view")


def test_options_pickle_hash_and_stay():
    options = ArrowOptions.of("spark")
    assert pickle.loads(pickle.dumps(options)) == options
    assert len({options, ArrowOptions.of("spark"), ArrowOptions()}) == 2
    with pytest.raises(AttributeError):
        options.strings = "view"
