"""Build the Arabic lexicon that the package ships: `python -m tools.lexicon --names NAMES.tsv`, or `make lexicon`.

The sources are the packages arramooz-pysqlite (dictionary, frequencies, stop words) and libqutrub (conjugation), both
under the GPL, names out of Wikidata (CC0) and the CLDR (Unicode licence, by way of Babel), and the probabilities of
affixes in `lexicon_affixes.tsv`, which `--learn TEXTS.jsonl` learns anew. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from searchapp.analysis.affixes import PREFIXES, SUFFIXES, StemClass
from searchapp.analysis.lemmatizer import Lemmatizer
from searchapp.analysis.lexicon import LEXICON_FILE, Lexicon
from searchapp.analysis.lexicon_file import LexiconFile, write_lexicon_file
from tools.lexicon_affixes import learn, read_affixes, word_counts, write_affixes
from tools.lexicon_build import lexicon_arrays
from tools.lexicon_dictionary import function_words, listed_stems, noun_stems, persons
from tools.lexicon_kindred import kindred_pairs
from tools.lexicon_names import countries_and_languages, name_stems
from tools.lexicon_own import OWN_WORDS, own_plurals, own_stems, set_own_counts
from tools.lexicon_patterns import count_numerals, derived_stems, numerals, second_spellings
from tools.lexicon_stems import Frequencies, Stem
from tools.lexicon_verbs import verb_stems

AFFIXES: Final = Path(__file__).with_name("lexicon_affixes.tsv")
LICENCE: Final = "GPL-3.0-or-later"
DATA: Final = Path(str(files("arramooz"))) / "data"
DICTIONARY: Final = DATA / "arabicdictionary.sqlite"
PLURALS: Final = frozenset({StemClass.BROKEN_PLURAL, StemClass.FEMININE_BROKEN_PLURAL})


def main() -> None:
    """Read the sources and write the lexicon file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=Path, required=True, help='a table with tabs whose column "ar" holds names')
    parser.add_argument("--learn", type=Path, metavar="TEXTS", help='learn the affixes from the "text" of JSON lines')
    parser.add_argument("--output", type=Path, default=LEXICON_FILE)
    options = parser.parse_args()
    stems, frequencies = read_sources(options.names)
    kindred = kindred_pairs(DICTIONARY, stems)
    if options.learn:
        learn_affixes(stems, frequencies, options.learn)
    arrays = lexicon_arrays(stems, frequencies, *read_affixes(AFFIXES), kindred)
    write_lexicon_file(options.output, arrays, about(options.names))


def read_sources(names: Path) -> tuple[list[Stem], Frequencies]:
    """All stems, some more than once, and the frequencies of words."""
    frequency_list = DATA / "wordfreq.sqlite"
    stems = [*verb_stems(DICTIONARY, frequency_list), *noun_stems(DICTIONARY)]
    listed, frequencies = listed_stems(frequency_list, {stem[:2] for stem in stems})
    count_numerals(frequencies)
    set_own_counts(frequencies)
    stems += [*listed, *function_words(DATA / "stopwords.sqlite", frequencies), *numerals()]
    own = list(own_stems(frequencies))
    stems += own
    stems += countries_and_languages({stem.text for stem in stems if not stem.stem_class.verbal})
    participles = persons(DICTIONARY)
    stems += [*second_spellings(stems), *derived_stems(stems, frequencies, participles)]
    stems = with_own_plurals(stems, list(own_plurals(frequencies)))
    stems += list(name_stems(names, stems))
    # What is written down as another spelling of a word is no word of its own.
    others = {stem.whole_word for stem in own} - {stem.lemma for stem in own}
    return [stem for stem in stems if stem.lemma not in others], frequencies


def with_own_plurals(stems: Iterable[Stem], plurals: Sequence[Stem]) -> list[Stem]:
    """The stems and these plurals, which are then those of no other words."""
    own = {stem.text for stem in plurals}
    return [*(stem for stem in stems if stem.stem_class not in PLURALS or stem.text not in own), *plurals]


def learn_affixes(stems: list[Stem], frequencies: Frequencies, texts: Path) -> None:
    """Write `AFFIXES` anew."""
    lemmatizer = Lemmatizer(Lexicon(LexiconFile(lexicon_arrays(stems, frequencies, None, None), about(None))))
    with texts.open(encoding="utf-8") as lines:
        counts = word_counts(json.loads(line)["text"] for line in lines)
    write_affixes(AFFIXES, *learn(counts, lemmatizer))


def about(names: Path | None) -> dict[str, object]:
    """What the header of the file says: for which affixes it is, and where it comes from."""
    sources = [
        {"name": name, "version": version(name), "licence": "GPL"} for name in ("arramooz-pysqlite", "libqutrub")
    ]
    sources.append({"name": "Babel, with the Unicode CLDR", "version": version("babel"), "licence": "Unicode-3.0"})
    sources.append({"name": "Wikidata, names in Arabic", "licence": "CC0-1.0", "sha256": _checksum(names)})
    sources += [{"name": own.name, "licence": LICENCE, "sha256": _checksum(own)} for own in (AFFIXES, OWN_WORDS)]
    return {
        "prefixes": list(PREFIXES),
        "suffixes": list(SUFFIXES),
        "classes": [each.name for each in StemClass],
        "sources": sources,
        "licence": LICENCE,
    }


def _checksum(path: Path | None) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path and path.exists() else ""


if __name__ == "__main__":
    main()
