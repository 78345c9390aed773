//! The texts of the documentation page: its introduction, and the subjects in their order, in French and English.

use crate::error::Lang;

/// A group of subjects: its name, and its tags with their French names. The English name of a tag is the tag itself.
pub(super) struct Group {
    pub(super) name: (&'static str, &'static str),
    pub(super) tags: &'static [(&'static str, &'static str)],
}

/// Every tag of the contract, by group: first what every client needs, then the work of a service from the first call to
/// its figures.
pub(super) const GROUPS: [Group; 8] = [
    Group {
        name: ("Commencer", "To begin with"),
        tags: &[("system", "L'API elle-même"), ("accounts", "Connexion, comptes et clients")],
    },
    Group {
        name: ("Le service et son annuaire", "The service and its directory"),
        tags: &[("services", "Services"), ("organisations", "Structures"), ("resource-people", "Personnes ressources")],
    },
    Group {
        name: ("Familles et suivis", "Families and cases"),
        tags: &[
            ("households", "Foyers et enfants"),
            ("referrals", "Demandes"),
            ("cases", "Suivis"),
            ("child-merges", "Fusions d'enfants"),
            ("appointments", "Rendez-vous"),
        ],
    },
    Group { name: ("Agenda", "Agenda"), tags: &[("agenda", "Agenda et accueil"), ("absences", "Absences")] },
    Group {
        name: ("Mallettes", "Kits"),
        tags: &[("kits", "Mallettes et exemplaires"), ("reservations", "Réservations et prêts")],
    },
    Group {
        name: ("Territoire et partenaires", "Territory and partners"),
        tags: &[("conventions", "Conventions"), ("actions", "Actions collectives"), ("referents", "Référents")],
    },
    Group {
        name: ("Chiffres", "Figures"),
        tags: &[
            ("activity", "Activité d'un service"),
            ("indicators", "Indicateurs"),
            ("statistics", "Statistiques publiées"),
        ],
    },
    Group {
        name: ("Référentiels et suivi des données", "Reference data and changes"),
        tags: &[
            ("nomenclatures", "Nomenclatures"),
            ("forms", "Formulaires"),
            ("territories", "Territoires"),
            ("changes", "Flux des changements"),
            ("audit", "Journal d'audit"),
        ],
    },
];

/// The introduction, before the description of the contract.
pub(super) const fn introduction(lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => FRENCH,
        Lang::En => ENGLISH,
    }
}

const FRENCH: &str = "\
L'API des *pôles ressources handicap* : les demandes, les suivis et les chiffres d'un service.

*[This page in English](?lang=en)* · [Contrat OpenAPI complet](/openapi.json) · [Données ouvertes](/open-data)

## Premiers pas

1. Demandez un jeton : `POST /oauth/token`, puis envoyez-le dans `Authorization: Bearer …`. Il vaut dix minutes.
2. Lisez `GET /v1/me` : vos services et vos droits.
3. Les listes vont par pages : `limit` et `cursor` ; `fields` choisit les champs.
4. Une création accepte `Idempotency-Key` : la même clé ne crée qu'une fois. Une correction exige `If-Match`, avec l'`ETag` lu.
5. Toute erreur est un document `application/problem+json` : `code` est stable et `errors` donne chaque faute. \
`Accept-Language` choisit le français ou l'anglais.

Les filtres facultatifs ont un exemple, mais ne sont envoyés que si vous les cochez. Les résumés et les descriptions des \
opérations sont en anglais, la langue du contrat. Pour être plus courte, cette page n'indique pas les réponses communes à \
toutes les opérations (401, 406, 408, 413, 414, 415, 429, 431, 500, 503) ni les en-têtes des réponses : le contrat complet \
les donne.

## Le contrat en quelques mots
";

const ENGLISH: &str = "\
*[Cette page en français](?lang=fr)* · [The whole OpenAPI contract](/openapi.json) · [Open data](/open-data)

## First steps

1. Get a token: `POST /oauth/token`, then send it in `Authorization: Bearer …`. It is valid for ten minutes.
2. Read `GET /v1/me`: your services and your rights.
3. Lists come in pages: `limit` and `cursor`; `fields` selects fields.
4. A creation takes `Idempotency-Key`: the same key creates once. A correction requires `If-Match`, with the `ETag` that you read.
5. Every error is an `application/problem+json` document: `code` is stable and `errors` lists every fault.

Optional filters have an example, but are sent only if you tick them. To be shorter, this page leaves out the responses that \
all operations share (401, 406, 408, 413, 414, 415, 429, 431, 500, 503) and the headers of responses: the whole contract has them.

## The contract in a few words
";
