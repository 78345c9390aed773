//! The kinds of notes, and who may read them. Pure.

use crate::db::{Id, text_enum};
use crate::error::{Fault, Text};

text_enum! {
    /// Kind of a note.
    pub enum CaseNoteKind {
        /// What an intervention or the work so far amounts to. Whoever reads the case reads it.
        Summary = "summary",
        /// For its author and the people whom it names.
        Restricted = "restricted",
    }
}

/// The faults of the readers of a note: only a restricted note names some, and they work in the service.
pub(super) fn reader_faults(kind: CaseNoteKind, named: &[Id], at_work: &[Id]) -> Vec<Fault> {
    if kind == CaseNoteKind::Summary {
        let message = Text::new(
            "Une synthèse est lue par toute l'équipe : seule une note réservée nomme des lecteurs.",
            "Whoever reads the case reads a summary: only a restricted note names readers.",
        );
        return if named.is_empty() { Vec::new() } else { vec![Fault::new("/reader_ids", "not_restricted", message)] };
    }
    let unknown = named.iter().enumerate().filter(|(_, id)| !at_work.contains(id));
    unknown
        .map(|(rank, _)| {
            let message = Text::new(
                "Aucun compte actif du service n'a cet identifiant : nommer une personne qui y a un rôle.",
                "No active user of the service has this identifier: name somebody who has a role in it.",
            );
            Fault::new(format!("/reader_ids/{rank}"), "unknown_professional", message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::cases::notes::model::*;

    #[test]
    fn only_a_restricted_note_names_readers_who_work_in_the_service() {
        let ids: Vec<Id> = ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c11"]
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        let faults = |kind, named: &[Id], at_work: &[Id]| {
            let faults = reader_faults(kind, named, at_work);
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        assert!(faults(CaseNoteKind::Summary, &[], &[]).is_empty());
        assert_eq!(faults(CaseNoteKind::Summary, &ids, &ids), ["/reader_ids not_restricted"]);
        assert!(faults(CaseNoteKind::Restricted, &[], &[]).is_empty(), "for its author alone");
        assert!(faults(CaseNoteKind::Restricted, &ids, &ids).is_empty());
        assert_eq!(faults(CaseNoteKind::Restricted, &ids, &ids[..1]), ["/reader_ids/1 unknown_professional"]);
    }
}
