"""The tokens of documents: which stay, and where they stand, as compiled loops: see `documents.py`."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Int32s, Int64s, UInt32s, loop

_FIELDS: Final = 4
_BODY: Final = 1
_KEYWORDS: Final = 2
_COPIES: Final = 3
_LEAD: Final = 4
"""As in `codes`."""
_0, _1 = np.uint64(0), np.uint64(1)


@loop(
    writes=("state", "positions", "fields", "steps", "token_lengths", "wide_tokens", "wide_steps", "wide_lengths"),
    bounded=True,
)  # fmt: skip
def lay_out(
    pointers: Int64s, starts: Int64s, lengths: Int64s, title_lengths: Int64s, gap: int, lead: int, widest: int,
    state: Int64s, positions: UInt32s, fields: Bytes, steps: Bytes, token_lengths: Bytes, wide_tokens: Int64s,
    wide_steps: UInt32s, wide_lengths: UInt32s,
) -> None:  # fmt: skip
    """Number the positions of tokens, name their fields, and measure those that are shown.

    Args:
        pointers: (4 D + 1) bound the tokens of each field of D documents.
        starts: of the tokens, within their fields.
        lengths: of the tokens.
        title_lengths: characters of the titles; a body begins one behind.
        gap: positions between fields, and between words of other copies.
        lead: how many of a body's first tokens are its lead.
        widest: stands in place of what does not fit into a byte.
        state: becomes how many tokens are shown, and how many of these do not fit.
        positions: and the next, and all that follow become what their names say.
        fields: those of `codes`.
        steps: and all that follow are the arrays of `TokenOffsets`.
        token_lengths: with `steps`.
        wide_tokens: those that do not fit.
        wide_steps: theirs.
        wide_lengths: theirs.
    """
    documents, tokens = (len(pointers) - 1) // _FIELDS, len(starts)
    if len(pointers) == 0 or len(title_lengths) < documents or len(lengths) < tokens or len(state) < 2:
        raise IndexError("an array is too short")
    room = min(len(positions), len(fields), len(steps), len(token_lengths))
    if min(room, len(wide_tokens), len(wide_steps), len(wide_lengths)) < tokens or pointers[0] < 0:
        raise IndexError("there is no room for all tokens")
    shown = wide = _0
    for document in range(documents):
        begin = pointers[_FIELDS * document]
        last = 0
        for field in range(_FIELDS):
            first, end = pointers[_FIELDS * document + field], pointers[_FIELDS * document + field + 1]
            # So each token is met once.
            if not first <= end <= tokens:
                raise IndexError("a field ends beyond the tokens, or before it begins")
            position, further = first - begin + field * gap, gap + 1 if field == _COPIES else 1
            behind_lead = first + lead if field == _BODY else first
            for token in range(np.uint64(first), np.uint64(end)):
                positions[token] = position
                position += further
                fields[token] = _LEAD if np.int64(token) < behind_lead else field
            if field >= _KEYWORDS:
                continue
            offset = title_lengths[document] + 1 if field == _BODY else 0
            for token in range(np.uint64(first), np.uint64(end)):
                start, length = starts[token] + offset, lengths[token]
                step = start - last
                last = start
                if step >= widest or length >= widest:
                    wide_tokens[wide], wide_steps[wide], wide_lengths[wide] = shown, step, length
                    wide += _1
                    step = length = widest
                steps[shown], token_lengths[shown] = step, length
                shown += _1
    state[0], state[1] = shown, wide


@loop(writes=("pointers", "starts", "lengths", "exact", "lemma", "met"))
def leave_out_repeats(
    copies: Int64s, pointers: Int64s, starts: Int64s, lengths: Int64s, exact: Int32s, lemma: Int32s, met: Int32s
) -> int:
    """Leave words of other copies out that their document has before; returns how many tokens are left.

    Args:
        copies: how many each document is of.
        pointers: (4 D + 1) bound the tokens of each field of D documents, and become the bounds of what is left.
        starts: of the tokens; they and the next move up.
        lengths: of the tokens.
        exact: their exact forms.
        lemma: their lemmas.
        met: zeros, one for each exact form.
    """
    count = stop = 0
    for document in range(len(copies)):
        begin = stop
        others, stop = pointers[_FIELDS * document + _COPIES], pointers[_FIELDS * (document + 1)]
        for field in range(_FIELDS):
            pointers[_FIELDS * document + field] -= begin - count
        has_copies = copies[document] > 1
        for token in range(begin, stop):
            if has_copies:
                is_repeat = met[exact[token]] > document
                met[exact[token]] = document + 1
                if is_repeat and token >= others:
                    continue
            starts[count], lengths[count] = starts[token], lengths[token]
            exact[count], lemma[count] = exact[token], lemma[token]
            count += 1
    pointers[_FIELDS * len(copies)] = count
    return count
