//! The elements of `Accept` and `Accept-Language`.

/// The elements of the header in lower case, without their parameters, each with its weight (RFC 9110 § 12.4.2): 1 if absent,
/// 0 if malformed.
///
/// actix's `Accept` and `AcceptLanguage` drop an element whose weight is written `.2`. Older versions of Java send
/// `*/*; q=.2` by default: such a client would get a 406.
pub fn weighted(header: &str) -> impl Iterator<Item = (String, f32)> {
    header.split(',').filter_map(|element| {
        let mut pieces = element.split(';').map(str::trim);
        let name = pieces.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
        let weight =
            pieces.find_map(|piece| piece.strip_prefix("q=")).map(|weight| weight.trim().parse().unwrap_or(0.0));
        Some((name, weight.unwrap_or(1.0)))
    })
}
