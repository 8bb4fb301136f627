"""Messages of a toy room that writes down what it hears."""

from __future__ import annotations

from banyan.kernel.words.messages import Command


class Hear(Command[int], frozen=True, kw_only=True):
    """Write a line about ``name``; the answer is how many lines there are about it now."""

    name: str
    words: str
