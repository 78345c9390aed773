//! What the address of the API itself returns: JSON for a program, a French page for a person.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::description::{DescribedResponse, Description};
use super::file::PAGE_POLICY;
use super::html_page;
use super::reply::Reply;
use passerelle_base::error::Lang;
use passerelle_base::values::UtcTs;

/// Description of the API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "Passerelle", "version": "0.1.0", "contract_url": "https://api.example/openapi.json",
    "docs_url": "https://api.example/docs/", "database": "postgresql", "time": "2026-03-02T08:15:00.000000Z"
}))]
pub(super) struct ServiceDescription {
    /// Name of the product.
    pub(super) name: &'static str,
    /// Version of the program.
    pub(super) version: &'static str,
    /// URL of the OpenAPI document.
    pub(super) contract_url: String,
    /// URL of the interactive documentation.
    pub(super) docs_url: String,
    /// Database engine: `sqlite` or `postgresql`.
    pub(super) database: &'static str,
    /// Current time of the server.
    pub(super) time: UtcTs,
}

/// The description of the API, in the format that the caller prefers.
#[derive(Debug)]
pub(super) struct Welcome(pub(super) ServiceDescription);

impl Responder for Welcome {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        if !html_page::is_preferred(req) {
            return Reply(self.0).respond_to(req);
        }
        let url = self.0.contract_url.trim_end_matches("/openapi.json").to_owned();
        let time = self.0.time.to_utc().format("%d/%m/%Y à %H:%M UTC").to_string();
        let content = Content { url, time, version: self.0.version };
        match html_page::page(Lang::Fr, "L'API des pôles ressources handicap", &content) {
            Err(error) => HttpResponse::from_error(error),
            Ok(page) => HttpResponse::Ok()
                .content_type("text/html; charset=utf-8")
                .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
                .body(page),
        }
    }
}

impl DescribedResponse for Welcome {
    fn describe(description: &mut Description<'_>) {
        let text = "The description, as JSON, or as a page with `Accept: text/html`.";
        description.success::<ServiceDescription>("200", text);
        let example = "<!doctype html>\n<html lang=\"fr\">\n<title>L'API des pôles ressources handicap – Passerelle</title>\n</html>\n";
        description.operation["responses"]["200"]["content"]["text/html"] =
            json!({"schema": {"type": "string"}, "example": example});
    }
}

/// The content of the page.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>Passerelle, l'API des pôles ressources handicap</h1>
<p>Les pôles ressources handicap aident gratuitement les familles d'un enfant en situation de handicap ou atteint d'une maladie grave à
trouver un mode d'accueil ordinaire et à le garder. Passerelle enregistre les demandes, les suivis et ce qu'ils deviennent, et donne
les chiffres de chaque service. Ce sont des données de santé d'enfants : hors cette page, sa documentation et les données ouvertes, tout exige un
compte et des droits.</p>
<h2>État</h2>
<dl>
<dt>Réponse</dt><dd>L'API répond. <a href="/health/ready">Vérifier qu'elle est prête</a></dd>
<dt>Version</dt><dd>{{ version }}</dd>
<dt>Heure du serveur</dt><dd>{{ time }}</dd>
</dl>
<h2>Documentation</h2>
<ul>
<li><a href="/docs/">Documentation interactive</a> : chaque opération, ses paramètres, un essai et des exemples en curl, Python et JavaScript</li>
<li><a href="/openapi.json">Contrat OpenAPI 3.1</a>, et par section : <a href="/openapi/cases.json"><code>/openapi/cases.json</code></a></li>
<li>Le <code>type</code> de chaque erreur mène à son explication : <a href="/problems/not_found"><code>/problems/not_found</code></a></li>
</ul>
<h2>Les cinq premiers appels</h2>
<ol>
<li>Demander un jeton, valable dix minutes.
<pre tabindex="0"><code>curl {{ url }}/oauth/token -d grant_type=client_credentials -d client_id=… -d client_secret=…</code></pre></li>
<li>Lire ses services et ses droits.
<pre tabindex="0"><code>curl {{ url }}/v1/me -H "Authorization: Bearer $TOKEN"</code></pre></li>
<li>Lire les dernières demandes.
<pre tabindex="0"><code>curl "{{ url }}/v1/referrals?limit=10" -H "Authorization: Bearer $TOKEN"</code></pre></li>
<li>Lire les suivis en cours.
<pre tabindex="0"><code>curl "{{ url }}/v1/cases?status=open" -H "Authorization: Bearer $TOKEN"</code></pre></li>
<li>Lire les chiffres publiés, sans jeton.
<pre tabindex="0"><code>curl {{ url }}/v1/open-data/releases</code></pre></li>
</ol>
<h2>Données ouvertes</h2>
<p><a href="/open-data">Les publications de chaque service</a> : tableaux, diagrammes et fichiers à réutiliser. Pour un programme :
<a href="/v1/open-data/releases"><code>/v1/open-data/releases</code></a>, <a href="/v1/indicators"><code>/v1/indicators</code></a>,
<a href="/v1/territories?kind=region"><code>/v1/territories</code></a>, <a href="/v1/nomenclatures"><code>/v1/nomenclatures</code></a>.</p>"#
)]
struct Content {
    url: String,
    time: String,
    version: &'static str,
}
