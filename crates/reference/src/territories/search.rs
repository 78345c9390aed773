//! Searches names the way people type them: without case, accents or punctuation, with `st` for `saint`, by first
//! letters.

use passerelle_base::text::fold;

/// How well a name matches a search, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// The name is the searched text.
    Exact,
    /// The name begins with the searched text.
    Prefix,
    /// Each searched word begins a word of the name, in any order.
    Words,
    /// The searched text is somewhere inside the name.
    Inside,
}

/// Every folded name, in one text: a search is one pass over 600 kB instead of 36,000 small passes.
pub(super) struct Names {
    /// The folded names, by rank, each followed by a line feed.
    text: String,
    /// The offset of each name in `text`, then the end of the text.
    starts: Vec<u32>,
}

impl Names {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut text = String::new();
        let mut starts = vec![0];
        for name in names {
            text.extend(fold(name).split(' ').flat_map(|word| [in_full(word), " "]));
            text.pop();
            text.push('\n');
            // All the names of the country are far smaller than 4 GB.
            starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        text.shrink_to_fit();
        Self { text, starts }
    }

    /// How well the name at this rank matches.
    pub(super) fn quality(&self, rank: usize, search: &Search) -> Option<Match> {
        let start = *self.starts.get(rank)? as usize;
        let next = *self.starts.get(rank + 1)? as usize;
        search.quality(self.text.get(start..next)?.trim_end())
    }

    /// The ranks of the matching names, without duplicates, with how well they match.
    pub(super) fn matching(&self, search: &Search) -> Vec<(usize, Match)> {
        let mut ranks: Vec<usize> =
            search.readings.iter().flat_map(|reading| self.containing(&reading.rarest)).collect();
        if search.readings.len() > 1 {
            ranks.sort_unstable();
            ranks.dedup();
        }
        ranks.into_iter().filter_map(|rank| self.quality(rank, search).map(|quality| (rank, quality))).collect()
    }

    /// The ranks of the names that contain `word`.
    fn containing(&self, word: &str) -> impl Iterator<Item = usize> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let offset = from + self.text.get(from..)?.find(word)?;
            let next = self.starts.partition_point(|&start| start as usize <= offset);
            from = self.starts.get(next).map_or(self.text.len(), |&start| start as usize);
            next.checked_sub(1)
        })
    }
}

/// A search text, prepared for comparison.
pub(super) struct Search {
    readings: Vec<Reading>,
}

/// One reading of the text: `st` means `saint` or, as the last word typed, the beginning of `Strasbourg`.
struct Reading {
    text: String,
    words: Vec<String>,
    /// The longest word. A name that does not contain it cannot match.
    rarest: String,
}

impl Search {
    /// `None` if the text has no letter and no digit: such a search matches nothing.
    pub(super) fn new(text: &str) -> Option<Self> {
        let folded = fold(text);
        let typed: Vec<&str> = folded.split(' ').collect();
        let (&last, before) = typed.split_last().filter(|(last, _)| !last.is_empty())?;
        let reading = |last: &str| {
            let words: Vec<String> = before.iter().map(|word| in_full(word)).chain([last]).map(str::to_owned).collect();
            let rarest = words.iter().max_by_key(|word| word.len()).cloned().unwrap_or_default();
            Reading { text: words.join(" "), words, rarest }
        };
        let mut readings = vec![reading(in_full(last))];
        if in_full(last) != last {
            readings.push(reading(last));
        }
        Some(Self { readings })
    }

    fn quality(&self, name: &str) -> Option<Match> {
        self.readings.iter().filter_map(|reading| reading.quality(name)).min()
    }
}

impl Reading {
    fn quality(&self, name: &str) -> Option<Match> {
        if let Some(rest) = name.strip_prefix(&self.text) {
            return Some(if rest.is_empty() { Match::Exact } else { Match::Prefix });
        }
        let begins_a_word = |wanted: &String| name.split(' ').any(|word| word.starts_with(wanted.as_str()));
        if self.words.iter().all(begins_a_word) {
            return Some(Match::Words);
        }
        name.contains(&self.text).then_some(Match::Inside)
    }
}

/// Expands the abbreviations of addresses.
fn in_full(word: &str) -> &str {
    match word {
        "st" => "saint",
        "ste" => "sainte",
        "sts" => "saints",
        "stes" => "saintes",
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use crate::territories::search::*;

    fn quality(searched: &str, name: &str) -> Option<Match> {
        let names = Names::new([name].into_iter());
        let search = Search::new(searched)?;
        let quality = names.quality(0, &search);
        let listed = names.matching(&search);
        assert_eq!(listed, quality.map(|quality| (0, quality)).into_iter().collect::<Vec<_>>(), "both functions agree");
        quality
    }

    #[test]
    fn names_are_found_the_way_they_are_typed() {
        use Match::{Exact, Inside, Prefix, Words};
        for (searched, name, expected) in [
            ("saint etienne", "Saint-Étienne", Some(Exact)),
            ("ST-ETIENNE", "Saint-Étienne", Some(Exact)),
            ("st etienne", "Saint-Étienne-du-Rouvray", Some(Prefix)),
            ("ste-foy", "Sainte-Foy-lès-Lyon", Some(Prefix)),
            ("sai", "Saint-Étienne", Some(Prefix)),
            ("st", "Saint-Étienne", Some(Prefix)),
            ("st", "Strasbourg", Some(Prefix)),
            ("st", "Castres", Some(Inside)),
            ("st gildas", "CC du Pays de Pontchâteau St-Gildas-des-Bois", Some(Words)),
            ("saint-gildas", "CC du Pays de Pontchâteau St-Gildas-des-Bois", Some(Words)),
            ("oeuilly", "Œuilly", Some(Exact)),
            ("l’hay", "L'Haÿ-les-Roses", Some(Prefix)),
            ("hay les roses", "L'Haÿ-les-Roses", Some(Words)),
            ("metropole clermont", "Clermont Auvergne Métropole", Some(Words)),
            ("ermont", "Clermont-Ferrand", Some(Inside)),
            ("clermont paris", "Clermont-Ferrand", None),
            ("'", "L'Isle", None),
            ("", "Y", None),
        ] {
            assert_eq!(quality(searched, name), expected, "{searched:?} in {name:?}");
        }
    }

    #[test]
    fn a_match_never_spans_two_names() {
        let names = Names::new(["Ba", "Na", "Nana"].into_iter());
        let found = |searched| names.matching(&Search::new(searched).unwrap());
        assert_eq!(found("bana"), []);
        assert_eq!(found("na"), [(1, Match::Exact), (2, Match::Prefix)]);
    }
}
