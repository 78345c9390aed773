//! The example page of a form, `docs/form-example.html`: made from `GET /v1/forms/{operationId}` alone, as a front end does.
//!
//! `WRITE_FORM=1 cargo test --test api form_page` writes it. The page needs no network and no script.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::TestApp;

/// The operation whose form the page shows.
const OPERATION: &str = "createReferral";

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#161616;background:#fff}\
label,legend{font-weight:600}.field{margin:1rem 0}.field>label{display:block}fieldset{margin:1rem 0;border:1px solid #6a6a6a}\
.choice label{font-weight:400}input:not([type=checkbox]),select,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.4rem;\
border:1px solid #6a6a6a;color:inherit;background:inherit}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}}";

/// The path of the committed page.
fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/form-example.html")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The form of an operation, as the API describes it.
struct Form<'a> {
    said: &'a Value,
}

/// A field to show: where it is in the body, its schema and its title.
struct Field<'a> {
    pointer: String,
    schema: &'a Value,
    title: String,
    is_required: bool,
}

impl Field<'_> {
    fn id(&self) -> String {
        self.pointer.trim_start_matches('/').replace('/', "-")
    }

    /// The title, which says in words whether the field is required.
    fn label(&self) -> String {
        let required = if self.is_required { " (obligatoire)" } else { "" };
        format!("{}{required}", escaped(&self.title))
    }

    fn required(&self) -> &'static str {
        if self.is_required { " required" } else { "" }
    }
}

impl<'a> Form<'a> {
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.said["schema"].pointer(pointer)).unwrap_or(schema)
    }

    /// The codes of the list of a field, with their French labels.
    fn choices(&self, schema: &Value) -> Option<Vec<(&'a str, &'a str)>> {
        let name = schema["x-nomenclature"].as_str()?;
        let list = self.said["lists"].as_array()?.iter().find(|list| list["name"] == name)?;
        let codes = list["codes"].as_array()?.iter();
        Some(codes.map(|code| (text(code, "code"), text(code, "label_fr"))).collect())
    }

    /// The fields of an object, those that are required first.
    fn fields(&self, at: &str, object: &'a Value, order: Option<&[Value]>) -> Vec<Field<'a>> {
        let required = object["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let properties = object["properties"].as_object().expect("an object");
        let mut names: Vec<&String> = properties.keys().collect();
        match order {
            Some(order) => names.sort_by_key(|name| order.iter().position(|one| one == *name)),
            None => names.sort_by_key(|name| !required.iter().any(|one| one == *name)),
        }
        let field = |name: &String| {
            let property = &properties[name];
            Field {
                pointer: format!("{at}/{name}"),
                schema: self.resolve(property),
                title: text(property, "x-label-fr").to_owned(),
                is_required: required.iter().any(|one| one == name),
            }
        };
        names.into_iter().map(field).collect()
    }

    fn write(&self, page: &mut String, field: &Field<'a>) {
        let (id, name, label) = (field.id(), escaped(&field.pointer), field.label());
        match kind(field.schema) {
            "object" => {
                writeln!(page, "<fieldset>\n<legend>{label}</legend>").unwrap();
                // The members of an optional object are required only if it is given.
                for mut inner in self.fields(&field.pointer, field.schema, None) {
                    inner.is_required &= field.is_required;
                    self.write(page, &inner);
                }
                writeln!(page, "</fieldset>").unwrap();
            }
            "array" => self.write_list(page, field),
            "boolean" => {
                writeln!(page, "<div class=\"field choice\"><input type=\"checkbox\" id=\"{id}\" name=\"{name}\" value=\"true\"> <label for=\"{id}\">{label}</label></div>").unwrap();
            }
            _ => {
                let control = self.control(field);
                writeln!(page, "<div class=\"field\"><label for=\"{id}\">{label}</label>\n{control}</div>").unwrap();
            }
        }
    }

    /// A list of codes is a group of boxes to tick; a list of objects shows one of them.
    fn write_list(&self, page: &mut String, field: &Field<'a>) {
        let items = self.resolve(&field.schema["items"]);
        writeln!(page, "<fieldset>\n<legend>{}</legend>", field.label()).unwrap();
        if let Some(choices) = self.choices(items) {
            for (code, label) in choices {
                let id = format!("{}-{}", field.id(), escaped(code));
                let name = escaped(&field.pointer);
                writeln!(page, "<div class=\"choice\"><input type=\"checkbox\" id=\"{id}\" name=\"{name}\" value=\"{}\"> <label for=\"{id}\">{}</label></div>", escaped(code), escaped(label)).unwrap();
            }
        } else if kind(items) == "object" {
            for mut inner in self.fields(&format!("{}/0", field.pointer), items, None) {
                inner.is_required = false;
                self.write(page, &inner);
            }
        } else {
            let pointer = format!("{}/0", field.pointer);
            let one = Field { pointer, schema: items, title: field.title.clone(), is_required: false };
            self.write(page, &one);
        }
        writeln!(page, "</fieldset>").unwrap();
    }

    /// The control of a single value.
    fn control(&self, field: &Field<'a>) -> String {
        let (id, name, required, schema) = (field.id(), escaped(&field.pointer), field.required(), field.schema);
        let common = format!("id=\"{id}\" name=\"{name}\"{required}");
        if let Some(choices) = self.choices(schema) {
            let option = |(code, label): (&str, &str)| {
                format!("<option value=\"{}\">{}</option>\n", escaped(code), escaped(label))
            };
            let options: String = choices.into_iter().map(option).collect();
            return format!("<select {common}>\n<option value=\"\">Choisir</option>\n{options}</select>");
        }
        let longest = schema["maxLength"].as_u64();
        let bound =
            |name: &str, value: &Value| value.as_i64().map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default();
        let length = longest.map(|longest| format!(" maxlength=\"{longest}\"")).unwrap_or_default();
        match (kind(schema), text(schema, "format")) {
            ("integer", _) => {
                format!(
                    "<input type=\"number\" {common}{}{}>",
                    bound("min", &schema["minimum"]),
                    bound("max", &schema["maximum"])
                )
            }
            (_, "date") => format!("<input type=\"date\" {common}>"),
            (_, "email") => format!("<input type=\"email\" autocomplete=\"off\" {common}{length}>"),
            (_, "lines" | "visible-lines") => format!("<textarea rows=\"4\" {common}{length}></textarea>"),
            _ => format!("<input type=\"text\" autocomplete=\"off\" {common}{length}>"),
        }
    }

    fn page(&self) -> String {
        let root = self.resolve(&self.said["schema"]);
        let (method, path) = (text(self.said, "method"), text(self.said, "path"));
        let mut page = format!(
            "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Enregistrer une demande – exemple de formulaire</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>Enregistrer une demande</h1>\n\
             <p>Exemple de formulaire établi à partir de <code>GET /v1/forms/{OPERATION}</code> seul : champs, intitulés, listes et ordre. \
             Il correspond à <code>{method} {path}</code> et n'envoie rien.</p>\n<form>\n"
        );
        for field in self.fields("", root, self.said["order"].as_array().map(Vec::as_slice)) {
            self.write(&mut page, &field);
        }
        page.push_str("<p><button type=\"reset\">Effacer</button></p>\n</form>\n</main>\n</body>\n</html>\n");
        page
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The JSON type of a schema, whether or not it may be null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(several) => {
            several.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default()
        }
        only => only.as_str().unwrap_or_default(),
    }
}

/// The values of an attribute in a page, in order.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

async fn made(app: &TestApp) -> String {
    let form = app.anonymous().get(&format!("/v1/forms/{OPERATION}")).await.expect(200);
    Form { said: &form.json }.page()
}

on_both_databases! {
    async fn the_example_form_page_is_what_the_api_describes(app: TestApp) {
        let page = made(&app).await;
        if std::env::var_os("WRITE_FORM").is_some() {
            std::fs::write(committed(), &page).unwrap();
        }
        let known = std::fs::read_to_string(committed()).unwrap_or_default();
        assert!(known == page, "docs/form-example.html is not the form: run WRITE_FORM=1 cargo test --test api form_page");
    }

    async fn the_example_form_page_can_be_used_by_everybody_and_without_network(app: TestApp) {
        let page = made(&app).await;
        let mut ids = attributes(&page, "id");
        let mut labelled = attributes(&page, "for");
        assert!(ids.len() > 40, "{} controls", ids.len());
        ids.sort_unstable();
        labelled.sort_unstable();
        assert_eq!(ids, labelled, "each control has one label");
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "identifiers are unique");
        assert!(!page.contains("<label></label>") && !page.contains("\"></label>") && !page.contains("<legend></legend>"));
        assert_eq!(page.matches("<fieldset>").count(), page.matches("<legend>").count());
        for outside in ["http:", "https:", "//", "<script", "<link", "<img", "url(", "action="] {
            assert!(!page.contains(outside), "{outside}");
        }
        for french in ["Origine", "Commune", "(obligatoire)", "<option value=\"phone\">"] {
            assert!(page.contains(french), "{french}");
        }
    }
}
