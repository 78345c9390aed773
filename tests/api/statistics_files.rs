//! The files of a release, its tables, and the catalogue that portals of open data harvest.

use std::io::{Cursor, Read};

use passerelle::auth::Role;
use serde_json::Value;

use crate::harness::Caller;
use crate::pages::published;

/// The texts of an archive, by name.
fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().to_owned(), text)
        })
        .collect()
}

/// The codes of the tables of a release.
fn codes(release: &Value) -> Vec<&str> {
    release["tables"].as_array().expect("tables").iter().map(|table| table["id"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn a_release_is_a_file_of_each_kind(app: TestApp) {
        let (manager, open, partners) = published(&app).await;
        let anybody = app.anonymous();
        for (caller, release) in [
            (&anybody, format!("/v1/open-data/releases/{open}")),
            (&manager, format!("/v1/statistics/releases/{partners}")),
        ] {
            let document = caller.get(&release).await.expect(200).json;
            for (kind, media_type, end) in [
                ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx\""),
                ("crosstab", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "-crosstab.xlsx\""),
                ("csv_zip", "application/zip", "-csv.zip\""),
                ("json_stat", "application/vnd.json-stat+json", ".stat.json\""),
            ] {
                let path = format!("{release}/file?kind={kind}");
                let file = caller.get(&path).await.expect(200);
                assert!(file.header("content-type").starts_with(media_type), "{kind}: {}", file.header("content-type"));
                assert!(file.header("content-disposition").ends_with(end), "{}", file.header("content-disposition"));
                let known = caller.clone().with_header("If-None-Match", file.header("etag"));
                known.get(&path).await.expect(304);
            }
            let french = caller.get(&format!("{release}/file?kind=csv_zip&locale=fr")).await.expect(200);
            let files = unpacked(&french.body);
            let names: Vec<&str> = files.iter().filter_map(|(name, _)| name.strip_suffix(".csv")).collect();
            assert_eq!(names, codes(&document), "a file per table");
            let (_, children) = files.iter().find(|(name, _)| name == "children.csv").expect("the children");
            assert!(children.starts_with("\u{feff}Période (code);Période;effectif;statut;"), "{children}");
            caller.get(&format!("{release}/file?kind=pdf")).await.expect(400).problem("invalid_parameters");
            caller.get(&format!("{release}/file")).await.expect(400).problem("invalid_parameters");
        }
    }

    async fn the_files_of_partners_are_not_open(app: TestApp) {
        let (_, open, partners) = published(&app).await;
        let other = app.user(app.service().await, Role::Manager).await;
        for part in ["tables", "file?kind=xlsx"] {
            app.anonymous().get(&format!("/v1/open-data/releases/{partners}/{part}")).await.expect(404).problem("not_found");
            other.get(&format!("/v1/statistics/releases/{partners}/{part}")).await.expect(404).problem("not_found");
            app.anonymous().get(&format!("/v1/statistics/releases/{open}/{part}")).await.expect(401);
        }
    }

    async fn the_list_of_tables_counts_the_cells(app: TestApp) {
        let (_, open, _) = published(&app).await;
        let anybody = app.anonymous();
        let release = format!("/v1/open-data/releases/{open}");
        let document = anybody.get(&release).await.expect(200).json;
        let listed = anybody.get(&format!("{release}/tables")).await.expect(200);
        assert!(listed.body.len() * 4 < anybody.get(&release).await.expect(200).body.len());
        assert_eq!(codes(&listed.json), codes(&document));
        for (table, whole) in listed["tables"].as_array().unwrap().iter().zip(document["tables"].as_array().unwrap()) {
            let cells = whole["cells"].as_array().unwrap();
            let hidden = cells.iter().filter(|cell| cell["value"].is_null()).count();
            assert_eq!(table["cells"], cells.len());
            assert_eq!((&table["suppressed"], &table["published"]), (&hidden.into(), &(cells.len() - hidden).into()));
        }
    }

    async fn a_french_table_opens_in_a_french_spreadsheet(app: TestApp) {
        let (_, open, _) = published(&app).await;
        let table = format!("/v1/open-data/releases/{open}/tables/children");
        let read = async |caller: &Caller, query: &str| caller.get(&format!("{table}?format=csv{query}")).await.expect(200).text();
        // Whatever the caller prefers: the columns and the labels are of one language.
        let english = app.anonymous().with_header("Accept-Language", "en");
        let french = read(&english, "&locale=fr").await;
        assert!(french.starts_with("\u{feff}Période (code);Période;effectif;statut;au_moins;au_plus;fourchette;publication;"));
        let codes = read(&english, "&locale=codes").await;
        assert_eq!(codes, read(&english, "").await);
        assert!(codes.starts_with("\u{feff}period,period_label,value,status,"));
        english.get(&format!("{table}?locale=de")).await.expect(400).problem("invalid_parameters");
    }

    async fn the_catalogue_has_the_releases_in_force_and_their_files(app: TestApp) {
        let anybody = app.anonymous();
        let empty = anybody.get("/v1/open-data/catalogue").await.expect(200);
        assert_eq!(empty.header("content-type"), "application/ld+json");
        assert_eq!(empty["dcat:dataset"].as_array().unwrap().len(), 0);
        let (_, open, partners) = published(&app).await;
        let catalogue = anybody.get("/v1/open-data/catalogue").await.expect(200);
        assert!(!catalogue.text().contains(&partners));
        let [data] = catalogue["dcat:dataset"].as_array().unwrap().as_slice() else { panic!("one release") };
        assert_eq!((&data["dct:identifier"], &data["@type"]), (&open.into(), &"dcat:Dataset".into()));
        assert_eq!(data["dct:temporal"]["dcat:endDate"]["@value"], "2025-12-31");
        let own = catalogue["@id"].as_str().unwrap().replace("/v1/open-data/catalogue", "");
        let files = data["dcat:distribution"].as_array().unwrap();
        assert_eq!(files.len(), 4);
        for file in files {
            let address = file["dcat:downloadURL"]["@id"].as_str().unwrap();
            anybody.get(&address.replace(&own, "")).await.expect(200);
        }
    }
}
