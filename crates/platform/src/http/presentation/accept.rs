//! `Accept` (RFC 9110 § 12.5.1): the offered media type that the caller prefers.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

use crate::http::media_type::Format;
use passerelle_base::accept::weighted;
use passerelle_base::error::{ApiError, Code};

/// The media type that `Accept` prefers among the offered ones; JSON among equals. 406 if it accepts none.
pub(super) fn negotiate(req: &HttpRequest, offered: &[String]) -> Result<Format, ApiError> {
    let headers: Vec<&str> = req.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    if headers.is_empty() {
        return Ok(Format::Json);
    }
    let ranges: Vec<(String, f32)> = weighted(&headers.join(",")).collect();
    let mut best: Option<(f32, Format)> = None;
    for (name, format) in Format::ALL {
        let quality = if offered.iter().any(|offered| offered == name) { quality(&ranges, name) } else { 0.0 };
        if quality > best.map_or(0.0, |(best, _)| best) {
            best = Some((quality, format));
        }
    }
    best.map(|(_, format)| format)
        .ok_or_else(|| ApiError::new(Code::NotAcceptable).with("media_types", serde_json::json!(offered)))
}

/// The quality of a media type: that of the most specific range that matches it.
fn quality(ranges: &[(String, f32)], name: &str) -> f32 {
    let family = format!("{}/*", name.split('/').next().unwrap_or_default());
    let of = |wanted: &str| ranges.iter().find(|(range, _)| range == wanted).map(|(_, quality)| *quality);
    of(name).or_else(|| of(&family)).or_else(|| of("*/*")).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use crate::http::media_type::{CSV, JSON, XLSX};
    use crate::http::presentation::accept::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_preferred_media_type_is_chosen() {
        let list = [JSON, CSV, XLSX].map(str::to_owned);
        for (accept, expected) in [
            ("*/*", Some(Format::Json)),
            ("application/json", Some(Format::Json)),
            ("text/csv", Some(Format::Csv)),
            ("text/csv; charset=utf-8; q=0.9, application/json;q=0.1", Some(Format::Csv)),
            ("text/csv;q=0.2, */*;q=0.1", Some(Format::Csv)),
            ("text/*", Some(Format::Csv)),
            (XLSX, Some(Format::Xlsx)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Format::Json)),
            ("application/json;q=0, */*", Some(Format::Csv)),
            // The default of older versions of Java.
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", Some(Format::Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("text/csv;q=x", None),
        ] {
            let req = TestRequest::default().insert_header((ACCEPT, accept)).to_http_request();
            assert_eq!(negotiate(&req, &list).ok(), expected, "{accept}");
        }
        let all = Format::ALL.map(|(name, _)| name.to_owned());
        for (name, format) in Format::ALL {
            let req = TestRequest::default().insert_header((ACCEPT, format.media_type())).to_http_request();
            assert_eq!(negotiate(&req, &all).ok(), Some(format), "{name}");
        }
        let req = TestRequest::default().insert_header((ACCEPT, "application/*")).to_http_request();
        assert_eq!(negotiate(&req, &all).ok(), Some(Format::Json));
        let req = TestRequest::default().insert_header((ACCEPT, "text/csv")).to_http_request();
        assert_eq!(negotiate(&req, &list[..1]).unwrap_err().code, Code::NotAcceptable);
    }
}
