"""Numbers of exact forms turned into a stream of words and counted, as compiled loops: see `stream.py`."""

from __future__ import annotations

from searchapp.compiled import Int32s, Int64s, UInt32s, loop


@loop(writes=("counts",))
def count_numbers(numbers: Int32s, counts: Int64s) -> None:
    """Count each number; those below zero by the last entry."""
    last = len(counts) - 1
    for place in range(len(numbers)):
        number = numbers[place]
        counts[number if number >= 0 else last] += 1


@loop(writes=("numbers",))
def put_words(numbers: Int32s, word_of: Int32s) -> None:
    """Put the word of each number in its place; those below zero have the last one."""
    last = len(word_of) - 1
    for place in range(len(numbers)):
        number = numbers[place]
        numbers[place] = word_of[number if number >= 0 else last]


@loop(writes=("places",))
def find_cores(
    letters: UInt32s, bounds: Int64s, core_letters: UInt32s, core_bounds: Int64s, cores: Int64s, places: Int64s
) -> None:
    """Write where each word first holds its core, as `str.find` tells it; -1 where it does not.

    Letters of word w lie behind bound w, which is a letter itself, and before the next; so do those of cores.
    """
    for word in range(len(cores)):
        begin, end = bounds[word] + 1, bounds[word + 1]
        first, last = core_bounds[cores[word]] + 1, core_bounds[cores[word] + 1]
        places[word] = -1
        for start in range(begin, end - (last - first) + 1):
            same = True
            for at in range(last - first):
                if letters[start + at] != core_letters[first + at]:
                    same = False
                    break
            if same:
                places[word] = start - begin
                break
