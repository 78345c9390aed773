//! The kits of the pôles. The ten kits come from the sources; the number of copies and their contents are invented.

use serde::Deserialize;

use crate::dice::Dice;
use crate::error::{ApiError, Code};

/// A kit of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    pub title_en: String,
    /// Codes of its themes.
    pub themes: Vec<String>,
    /// Codes of the borrowers it is for.
    pub audiences: Vec<String>,
    /// The items in every copy.
    pub items: Vec<Item>,
    /// Its copies, labelled from 1.
    pub copies: Vec<KitCopy>,
}

/// An item in every copy of a kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Code of its category.
    pub category: &'static str,
    /// Label in French.
    pub label_fr: &'static str,
    /// Label in English.
    pub label_en: &'static str,
    /// Number of pieces.
    pub quantity: i32,
}

/// A copy of a kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KitCopy {
    /// Its initial condition.
    pub condition: &'static str,
    /// The site where it is stored.
    pub home_site: &'static str,
}

/// The part of `data/kits.json` that the story needs.
#[derive(Deserialize)]
struct KitFile {
    kits: Vec<SourceKit>,
}

/// A kit of the sources.
#[derive(Clone, Deserialize)]
struct SourceKit {
    name_fr: String,
    name_en: String,
    themes: Vec<String>,
    content_categories: Vec<String>,
    borrower_codes: Vec<String>,
}

/// Generic items, invented for the demonstration, of the categories in the sources. The quantity is the maximum in a
/// kit.
const ITEMS: [Item; 14] = [
    item("book", "Album cartonné", "Board book", 3),
    item("book", "Livre à volets", "Lift-the-flap book", 2),
    item("book", "Livre à toucher", "Touch-and-feel book", 2),
    item("book", "Guide pour les adultes", "Guide for adults", 1),
    item("book", "Imagier", "Picture dictionary", 2),
    item("cd", "CD de comptines", "CD of nursery rhymes", 1),
    item("cd", "CD d'ambiances sonores", "CD of soundscapes", 2),
    item("adapted_toy", "Balle à picots", "Spiky ball", 6),
    item("adapted_toy", "Cartes-images", "Picture cards", 30),
    item("adapted_toy", "Marionnette", "Author puppet", 3),
    item("adapted_toy", "Foulard", "Scarf", 5),
    item("adapted_toy", "Puzzle à gros boutons", "Puzzle with large knobs", 2),
    item("adapted_toy", "Boîte à formes", "Shape sorter", 1),
    item("adapted_toy", "Sablier", "Sand timer", 3),
];

const fn item(category: &'static str, label_fr: &'static str, label_en: &'static str, quantity: i32) -> Item {
    Item { category, label_fr, label_en, quantity }
}

/// The first `number` kits of the sources, each with its contents and at most `most_copies` copies.
pub(super) fn catalogue(dice: &mut Dice, number: usize, most_copies: usize) -> Result<Vec<Kit>, ApiError> {
    let file = include_bytes!("../../data/kits.json");
    let sources: KitFile = serde_json::from_slice(file).map_err(|_| ApiError::new(Code::Internal))?;
    Ok(sources.kits.into_iter().take(number).map(|source| kit(dice, source, most_copies)).collect())
}

fn kit(dice: &mut Dice, source: SourceKit, most_copies: usize) -> Kit {
    let copies = dice.weighted(&[(1, 45), (2, 40), (3, 15)]).min(most_copies);
    let copy = |_| KitCopy {
        condition: dice.weighted(&[("new", 40), ("good", 60)]),
        home_site: dice.weighted(&[("Clermont-Ferrand", 70), ("Issoire", 30)]),
    };
    let copies = (0..copies).map(copy).collect();
    Kit {
        items: contents(dice, &source.content_categories),
        title_fr: source.name_fr,
        title_en: source.name_en,
        themes: source.themes,
        audiences: source.borrower_codes,
        copies,
    }
}

/// Four to eight items, at least one of every category.
fn contents(dice: &mut Dice, categories: &[String]) -> Vec<Item> {
    let number = 4 + dice.below(5);
    let mut pool = ITEMS.to_vec();
    dice.shuffle(&mut pool);
    let mut items = Vec::new();
    for category in categories {
        if let Some(rank) = pool.iter().position(|item| item.category == category) {
            items.push(pool.remove(rank));
        }
    }
    items.extend(pool.into_iter().take(number - items.len().min(number)));
    items.sort_by_key(|item| categories.iter().position(|category| category == item.category));
    for item in &mut items {
        let most = i64::from(item.quantity);
        item.quantity = i32::try_from(dice.between((most + 1) / 2, most)).unwrap_or(1);
    }
    items
}
