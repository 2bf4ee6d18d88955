"""Structure: whether there are segments at all, in a few words and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from ilk.choice.choice import Choice, Structure

BADGES: Mapping[Structure, str] = {
    "clear": "Clear segments",
    "weak": "Weak segments",
    "none": "No segments",
    "untested": "Not tested",
}
"""What stands on the page in a few words."""

_MEANINGS: Mapping[Structure, str] = {
    "clear": "These customers gather in groups that chance does not make, and at least one gap "
    "with few customers runs between them.",
    "weak": "These customers gather more than chance would make them, but the groups run into each "
    "other or stand out only a little.",
    "none": "A cloud of customers without any groups would look as good when cut like this. Use "
    "the segments to share out work, not as kinds of customers.",
    "untested": "Whether there are groups at all was left untested; a cloud without any can be "
    "cut into segments too.",
}


def meaning(choice: Choice) -> str:
    """What the structure says of these customers, in a sentence.

    Examples
    --------
    >>> from ilk.choice.choice import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.55, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> meaning(Choice((two,), "Two segments.", (), structure="untested"))[:48]
    'Whether there are groups at all was left unteste'
    """
    if choice.structure == "none" and choice.k == 1:
        return "These customers are one cloud: no border was found in it."
    return _MEANINGS[choice.structure]
