//! Rust source as tokens, without comments and without what only tests compile.

/// One token: a word, a literal, `::`, or one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// Line in the file, from 1.
    pub line: usize,
}

impl Token {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The text of a token, or nothing past the end.
pub fn text_at(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

/// Whether these tokens start at this place.
pub fn starts_with(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    words.iter().enumerate().all(|(i, word)| text_at(tokens, at + i) == *word)
}

/// The tokens that the program compiles: items under `#[cfg(test)]` are left out.
pub fn program_tokens(source: &str) -> Vec<Token> {
    let mut rest = tokens(source);
    let mut kept = Vec::new();
    let mut at = 0;
    while at < rest.len() {
        if starts_with(&rest, at, &["#", "[", "cfg", "(", "test", ")", "]"]) {
            at = end_of_item(&rest, at + 7);
        } else {
            kept.push(std::mem::replace(&mut rest[at], Token { text: String::new(), line: 0 }));
            at += 1;
        }
    }
    kept
}

/// The place after an item or statement: after its `;`, after the brace that closes its body, or where its block ends.
pub fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    // The braces of `use a::{b};` are no body.
    let mut words = (start..tokens.len()).map(|at| text_at(tokens, at));
    let has_body = words.find(|word| !["pub", "(", "crate", "super", ")"].contains(word)) != Some("use");
    for at in start..tokens.len() {
        match text_at(tokens, at) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return at,
            "}" if depth == 1 && has_body => return at + 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let end = end_of_token(&chars, at);
        let text: String = chars[at..end].iter().collect();
        let is_comment = text.starts_with("//") || text.starts_with("/*");
        let text = if text.contains('"') { text } else { text.trim_start_matches("r#").to_owned() };
        let is_lifetime = text.starts_with('\'') && !text[1..].ends_with('\'');
        if !is_comment && !is_lifetime && !text.trim().is_empty() {
            found.push(Token { text: text.clone(), line });
        }
        line += text.matches('\n').count();
        at = end;
    }
    found
}

fn end_of_token(chars: &[char], at: usize) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let end_while = |from: usize, holds: &dyn Fn(char) -> bool| {
        chars[from..].iter().position(|c| !holds(*c)).map_or(chars.len(), |length| from + length)
    };
    let next = |offset: usize| chars.get(at + offset).copied().unwrap_or(' ');
    match chars[at] {
        '/' if next(1) == '/' => end_while(at, &|c| c != '\n'),
        '/' if next(1) == '*' => end_of_block_comment(chars, at),
        ':' if next(1) == ':' => at + 2,
        '"' => end_of_string(chars, at),
        '\'' if next(1) == '\\' => end_while(at + 3, &|c| c != '\'') + 1,
        '\'' if next(2) == '\'' => at + 3,
        '\'' => end_while(at + 1, &is_word),
        c if is_word(c) => {
            let end = end_while(at, &is_word);
            let prefix: String = chars[at..end].iter().collect();
            match chars.get(end) {
                Some('"') if ["b", "c"].contains(&prefix.as_str()) => end_of_string(chars, end),
                Some('"' | '#') if ["r", "br", "cr"].contains(&prefix.as_str()) => end_of_raw_string(chars, end),
                Some('\'') if prefix == "b" => end_of_token(chars, end),
                _ => end,
            }
        }
        c if c.is_whitespace() => end_while(at, &char::is_whitespace),
        _ => at + 1,
    }
}

fn end_of_string(chars: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn end_of_raw_string(chars: &[char], start: usize) -> usize {
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    if chars.get(start + hashes) != Some(&'"') {
        // A raw identifier: `r#type`.
        let rest = chars[start + hashes..].iter().take_while(|c| c.is_alphanumeric() || **c == '_');
        return start + hashes + rest.count();
    }
    let closes = |at: usize| chars[at] == '"' && (1..=hashes).all(|i| chars.get(at + i) == Some(&'#'));
    (start + hashes + 1..chars.len()).find(|at| closes(*at)).map_or(chars.len(), |at| at + hashes + 1)
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    chars.len()
}

#[cfg(test)]
mod tests {
    use super::program_tokens;

    fn words(source: &str) -> String {
        let texts: Vec<String> = program_tokens(source).into_iter().map(|token| token.text).collect();
        texts.join(" ")
    }

    #[test]
    fn comments_are_no_code() {
        assert_eq!(words("//! a::b\nfn /* c /* d */ e */ f() {} // g"), "fn f ( ) { }");
    }

    #[test]
    fn quotes_and_slashes_inside_literals_end_nothing() {
        assert_eq!(words(r##"a("\"//", r#"" // "#, '"', b'\'', 'x', &'static str)"##), {
            r##"a ( "\"//" , r#"" // "# , '"' , b'\'' , 'x' , & str )"##
        });
    }

    #[test]
    fn what_only_tests_compile_is_left_out() {
        let source = "#[cfg(test)]\nmod fixtures;\n#[cfg(test)] use a::{b}; fn c() {}\n#[cfg(test)]\nmod tests { use f; fn d() {} } fn e() {}";
        assert_eq!(words(source), "fn c ( ) { } fn e ( ) { }");
    }

    #[test]
    fn tokens_know_their_line() {
        let tokens = program_tokens("\"two\nlines\"\n/*\n*/ last");
        assert_eq!(tokens.last().map(|token| token.line), Some(4));
    }
}
