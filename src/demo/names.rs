//! Invented names. Family names are made up from common words; nobody is meant.

/// Family names of the story.
pub const FAMILY: &[&str] = &[
    "Abrivant", "Aubépin", "Bellombre", "Boisclerc", "Bruyérin", "Chantevent", "Clairmousse", "Combelourde", "Cendrelune",
    "Dorésac", "Durivière", "Écloisel", "Étoilin", "Fontebrune", "Fougeroux-Clair", "Garrigal", "Gentianin", "Grivelune",
    "Hautepluie", "Jonquerel", "Lagrêlée", "Lavandon", "Lichenel", "Luciolin", "Malvigne", "Mésangin", "Montéclair",
    "Mousserolle", "Neigebois", "Noisetel", "Ombreval", "Orgevent", "Pâquerin", "Pierrelongue", "Pimprenel", "Plumetin",
    "Prévert-Lande", "Quatrefeux", "Ravinel", "Ronceval-Puy", "Rossignolin", "Ruisselet", "Sablonnel", "Sansonnel",
    "Sauvignel", "Sorbiérin", "Sourcevive", "Thymelon", "Tournebrise", "Trèflon", "Valombrel", "Verdurin-Lac", "Vertefeuille",
    "Volcanel", "Zéphirin-Prat", "El Amandine", "Da Ribeirinha", "Nguyen-Lotus", "Diop-Baobab", "Kowal-Brzoza",
];

/// Given names of the story.
pub const GIVEN: &[&str] = &[
    "Adam", "Agathe", "Alba", "Alix", "Ambre", "Amir", "Anna", "Anouk", "Antonin", "Arthur", "Ayana", "Basile", "Blanche",
    "Camille", "Célestin", "Chloé", "Clément", "Côme", "Diane", "Eden", "Éloïse", "Elias", "Emma", "Esteban", "Eugénie",
    "Gabin", "Gabriel", "Hélène", "Hugo", "Ibrahim", "Inès", "Iris", "Jade", "Jeanne", "Joachim", "Jules", "Léa", "Léo",
    "Lina", "Louise", "Lucien", "Maël", "Malo", "Margaux", "Mila", "Moussa", "Nadia", "Nino", "Noé", "Nora", "Olivia",
    "Oscar", "Raphaël", "Rose", "Sacha", "Selma", "Simon", "Suzanne", "Timéo", "Zoé",
];

/// Given names of the parents.
pub const PARENT: &[&str] = &[
    "Alexandra", "Amélie", "Aurélien", "Benoît", "Carole", "Cédric", "Delphine", "Farid", "Florence", "Gaëlle", "Grégory",
    "Isabelle", "Julien", "Karim", "Laure", "Ludovic", "Marc", "Mélanie", "Nathalie", "Olivier", "Pauline", "Rachid",
    "Sabrina", "Sylvain", "Thierry", "Valérie", "Virginie", "Yasmina",
];

/// Streets that many communes have.
pub const STREET: &[&str] =
    &["rue des Lilas", "rue du Lavoir", "place de l'Église", "chemin des Sources", "rue du Puy", "impasse des Tilleuls"];

/// What nurseries are called.
pub const NURSERY: &[&str] = &[
    "Les Sabliers", "La Ronde des Puys", "Les Petits Cratères", "Le Nid des Sources", "Les Coccinelles du Lac",
    "La Marelle", "Les Lucioles", "Les Galipettes", "Le Manège", "Les Petits Pas", "La Clairière", "Les Myrtilles",
];

/// What families ask, as whoever takes the call writes it down.
pub const WORDS: &[&str] = &[
    "La famille cherche une place trois jours par semaine.",
    "L'équipe se demande comment adapter les temps de repas et de repos.",
    "Reprise du travail prévue, aucun mode d'accueil trouvé malgré plusieurs contacts.",
    "Les parents souhaitent échanger sur les prochaines étapes.",
    "Le lieu d'accueil demande une observation et un appui.",
    "Première demande, orientation par un partenaire.",
];
