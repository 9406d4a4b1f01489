//! The six messages that the benches of the codec read, written here so that each run reads the same bytes.

use std::fmt::Write as _;

/// A message and what it is called in the tables.
pub struct Sample {
    pub name: &'static str,
    pub text: String,
}

const ALL: [(&str, fn() -> String); 6] = [
    ("350 B call", call),
    ("2 KB dense call", dense_call),
    ("64 KB text", text_result),
    ("1 MB base64", blob_result),
    ("256 KB tools/list", tools_list),
    ("80 B cancelled", cancelled),
];

/// All six, smallest question first.
pub fn all() -> Vec<Sample> {
    let sample = |(name, text): (_, fn() -> String)| Sample { name, text: text() };
    ALL.into_iter().map(sample).collect()
}

/// The one of that name.
pub fn named(name: &str) -> Option<String> {
    let found = ALL.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| text())
}

pub fn call() -> String {
    concat!(
        r#"{"jsonrpc":"2.0","id":41,"method":"tools/call","params":{"name":"search_files","#,
        r#""arguments":{"query":"quarterly report","limit":25},"_meta":{"#,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
        r#""io.modelcontextprotocol/clientInfo":{"name":"assistant","version":"4.2.0"},"#,
        r#""io.modelcontextprotocol/clientCapabilities":{"elicitation":{}},"#,
        r#""progressToken":"p-41"}}}"#
    )
    .to_owned()
}

/// Numbers, arrays and escapes close together: much grammar, few bytes to skip.
pub fn dense_call() -> String {
    let mut random = Random(7);
    let mut rows = String::new();
    while rows.len() < 1_700 {
        if !rows.is_empty() {
            rows.push(',');
        }
        let (a, b, c) = (random.below(1000), random.below(100_000), random.below(90));
        write!(
            rows,
            r#"{{"p":[{a},-{}.{b},{}e-{c}],"q":[[{},{}],[true,null]],"s":"a\t\"{a}\"\u00e9\n"}}"#,
            random.below(50),
            random.below(9) + 1,
            random.below(10),
            random.below(100),
        )
        .expect("a string grows");
    }
    format!(
        r#"{{"jsonrpc":"2.0","id":"d-1","method":"tools/call","params":{{"name":"fit","arguments":{{"rows":[{rows}]}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
    )
}

const WORDS: [&str; 16] = [
    "the",
    "server",
    "answered",
    "with",
    "größere",
    "results",
    "for",
    "each",
    "request",
    "naïve",
    "files",
    "in",
    "über",
    "context",
    "日本語",
    "window",
];

fn prose(random: &mut Random, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        let word = WORDS[random.below(16)];
        match random.below(24) {
            0 => text.push_str("\\n"),
            1 => {
                text.push_str("\\\"");
                text.push_str(word);
                text.push_str("\\\"");
            }
            _ => text.push_str(word),
        }
        text.push(' ');
    }
    text
}

fn ascii_prose(random: &mut Random, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        let word = WORDS[random.below(16)];
        if word.is_ascii() {
            text.push_str(word);
            text.push(' ');
        }
    }
    text.trim_end().to_owned()
}

pub fn text_result() -> String {
    let text = prose(&mut Random(11), 64 * 1024);
    format!(
        r#"{{"jsonrpc":"2.0","id":42,"result":{{"resultType":"complete","content":[{{"type":"text","text":"{text}"}}],"isError":false}}}}"#
    )
}

pub fn blob_result() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut random = Random(13);
    let blob: String = (0..1024 * 1024)
        .map(|_| char::from(ALPHABET[random.below(64)]))
        .collect();
    format!(
        r#"{{"jsonrpc":"2.0","id":43,"result":{{"resultType":"complete","contents":[{{"uri":"file:///data/picture.png","mimeType":"image/png","blob":"{blob}"}}],"ttlMs":60000,"cacheScope":"private"}}}}"#
    )
}

pub fn tools_list() -> String {
    let mut random = Random(17);
    let mut tools = String::new();
    for tool in 0..200 {
        if tool > 0 {
            tools.push(',');
        }
        let about = ascii_prose(&mut random, 220);
        write!(
            tools,
            r#"{{"name":"tool_{tool}","title":"Tool number {tool}","description":"{about}","inputSchema":{{"type":"object","properties":{{"#
        )
        .expect("a string grows");
        for property in 0..6 {
            if property > 0 {
                tools.push(',');
            }
            let length = 30 + random.below(50);
            let about = ascii_prose(&mut random, length);
            let kind = ["string", "integer", "boolean", "number"][random.below(4)];
            write!(
                tools,
                r#""property_{property}":{{"type":"{kind}","description":"{about}","default":{}}}"#,
                random.below(1000)
            )
            .expect("a string grows");
        }
        tools.push_str(
            r#"},"required":["property_0","property_1"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}}"#,
        );
    }
    format!(
        r#"{{"jsonrpc":"2.0","id":44,"result":{{"resultType":"complete","tools":[{tools}],"ttlMs":300000,"cacheScope":"public"}}}}"#
    )
}

pub fn cancelled() -> String {
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4711}}"#.to_owned()
}

/// xorshift64*: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or_default() % bound
    }
}
