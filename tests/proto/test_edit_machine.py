"""Random programs on upstream's messages and on ours: every line comes to the same.

``python -m tests.proto.edit_fuzz`` runs more of the same.
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from . import edit_steps
from .edit_oracle import Difference, Pair, Program, alike, random_program, replay
from .effort import examples, generators


def lines_that_agree(seed, rng, steps: int, second: str = "ours") -> int:
    """Lines of one program. A failure shows the program and its seed."""
    try:
        return random_program(rng, steps, second)
    except Difference as difference:
        pytest.fail(f"seed {seed} with {steps} steps: {difference}")


@pytest.mark.parametrize("steps", [5, 20, 60, 200])
def test_random_programs(steps):
    programs = generators(12_000 // (steps + 50))
    assert sum([lines_that_agree(seed, rng, steps) for seed, rng in programs]) > 800


class Machine(RuleBasedStateMachine):
    """Hypothesis chooses which kind of line comes next, and shrinks what fails."""

    @initialize(rng=st.randoms(use_true_random=False))
    def start(self, rng):
        self.program = Program.start(rng)
        self.program.step()

    def run(self, rng, make):
        """One line for one of the variables."""
        steps = self.program.steps
        steps.rng = steps.values.rng = rng
        messages = [one for one in steps.variables if one.shape == "message"]
        if not messages:
            self.program.step()
            return
        step = make(steps, rng.choice(messages))
        steps.done(step, self.program.pair.run(step.line))

    @rule(rng=st.randoms(use_true_random=False))
    def anything(self, rng):
        self.program.steps.rng = self.program.steps.values.rng = rng
        self.program.step()

    @rule(rng=st.randoms(use_true_random=False))
    def hold(self, rng):
        self.run(rng, edit_steps.hold)

    @rule(rng=st.randoms(use_true_random=False))
    def assign(self, rng):
        self.run(rng, edit_steps.assign)

    @rule(rng=st.randoms(use_true_random=False))
    def merge(self, rng):
        self.run(rng, rng.choice((edit_steps.merge_from, edit_steps.merge_string)))

    @rule(rng=st.randoms(use_true_random=False))
    def replace(self, rng):
        self.run(rng, rng.choice((edit_steps.copy_from, edit_steps.parse_string)))

    @rule(rng=st.randoms(use_true_random=False))
    def clear(self, rng):
        self.run(rng, rng.choice((edit_steps.clear, edit_steps.clear_field, edit_steps.discard)))

    @precondition(lambda self: len(self.program.steps.variables) > 1)
    @rule(rng=st.randoms(use_true_random=False))
    def compare(self, rng):
        self.run(rng, edit_steps.compare)

    def teardown(self):
        if hasattr(self, "program"):
            self.program.finish()


TestMachine = Machine.TestCase
TestMachine.settings = examples(60)


# -- the tools themselves ------------------------------------------------------------------------


def test_a_difference_is_seen_and_made_short(monkeypatch):
    """A world that forgets one field: the program that shows it has nothing else."""
    start = Pair.__init__

    def forgetful(pair, *arguments):
        start(pair, *arguments)
        pair.ours.names["wire"] = lambda message: message.SerializePartialToString()[2:]

    monkeypatch.setattr(Pair, "__init__", forgetful)
    with pytest.raises(Difference) as caught:
        sum([random_program(rng, 20) for _, rng in generators(30)])
    assert caught.value.lines[-1].startswith(("wire(", "trying("))
    assert len(caught.value.lines) <= 4
    monkeypatch.undo()
    replay(caught.value.syntax, caught.value.lines)
    assert alike(caught.value, caught.value.lines) is None


def test_upstream_agrees_with_itself():
    assert sum([lines_that_agree(seed, rng, 60, "upb") for seed, rng in generators(40)]) > 800
