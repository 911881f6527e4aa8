"""Letters of words read into consonants and the slots before them, as a compiled loop: see `shapes.py`."""

from __future__ import annotations

from searchapp.compiled import Bytes, Flags, Int64s, loop


@loop(writes=("letters", "owners", "doubled", "widths", "fillings", "last_widths", "last_fillings", "broken"))
def read_parts(
    codes: Bytes,
    begins: Int64s,
    ends: Int64s,
    first_consonant: int,
    beyond: int,
    longest: int,
    bits: int,
    letters: Int64s,
    owners: Int64s,
    doubled: Flags,
    widths: Int64s,
    fillings: Int64s,
    last_widths: Int64s,
    last_fillings: Int64s,
    broken: Flags,
) -> int:
    """Write every consonant, its word, whether it is written twice, and the slot before it; returns how many they are.

    A slot is told by how many letters it has, and by the last ones, at most `longest`, of so many bits each, the last
    one lowest. Then of each word the slot before its end. Codes from 1 on are letters of slots, from `first_consonant`
    on consonants, from `beyond` on ends of words; 0 is no letter, and a word that holds it is broken.
    """
    mask = (1 << (longest * bits)) - 1
    found = 0
    for word in range(len(ends)):
        width, filling, before = 0, 0, 0
        broken[word] = False
        for place in range(begins[word], ends[word]):
            code = int(codes[place])
            if code >= first_consonant and code < beyond:
                if code == before:
                    doubled[found - 1] = True
                    before = 0
                else:
                    letters[found], owners[found], doubled[found] = code, word, False
                    widths[found], fillings[found] = width, filling
                    found += 1
                    before = code
                width, filling = 0, 0
            elif code > 0 and code < first_consonant:
                width += 1
                filling = ((filling << bits) | code) & mask
                before = 0
            else:
                broken[word] = True
                width, filling, before = 0, 0, 0
        last_widths[word], last_fillings[word] = width, filling
    return found
