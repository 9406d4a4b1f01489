//! JSON out of the fuzzer's bytes, in every spelling and with a slip here and there.

use arbitrary::Unstructured;

/// Most bytes that are written: what a loop of the fuzzer's choice may come to.
const LONGEST: usize = 8 * 1024;

/// Arrays and objects nest no deeper.
const DEEPEST: u32 = 12;

/// A text in the making. Where the bytes have run out, everything is plain and short.
pub(crate) struct Writer<'a> {
    input: Unstructured<'a>,
    pub(crate) out: Vec<u8>,
    level: u32,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            input: Unstructured::new(bytes),
            out: Vec::new(),
            level: 0,
        }
    }

    /// One byte of the input.
    pub(crate) fn byte(&mut self) -> u8 {
        self.input.arbitrary().unwrap_or(0)
    }

    /// Seldom true, and never once the bytes have run out.
    pub(crate) fn one_in(&mut self, n: u8) -> bool {
        self.byte() % n == n - 1
    }

    pub(crate) fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        let at = usize::from(self.byte()) % from.len();
        from[at]
    }

    pub(crate) fn is_full(&self) -> bool {
        self.out.len() > LONGEST || self.input.is_empty()
    }

    pub(crate) fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// White space where JSON allows it, mostly none.
    pub(crate) fn space(&mut self) {
        while self.one_in(8) && !self.is_full() {
            let space = self.choose(&[" ", "\n", "\t", "\r", "                      "]);
            self.put(space);
        }
    }

    /// An object, whose members `member` writes, one at each call, until it has no more to write.
    pub(crate) fn object(&mut self, mut member: impl FnMut(&mut Self, usize) -> bool) {
        self.put("{");
        self.level += 1;
        for index in 0.. {
            let before = self.out.len();
            self.space();
            if index > 0 {
                self.put(",");
                self.space();
            }
            if !member(self, index) {
                self.out.truncate(before);
                break;
            }
            self.space();
        }
        self.level -= 1;
        self.put("}");
    }

    /// The name of a member and its colon.
    pub(crate) fn name(&mut self, name: &str) {
        self.string(name);
        self.space();
        self.put(":");
        self.space();
    }

    /// A string, whose characters are spelled one way or another.
    pub(crate) fn string(&mut self, text: &str) {
        let spelled = self.one_in(8);
        self.put("\"");
        for character in text.chars() {
            let must = matches!(character, '"' | '\\' | '\0'..='\x1f');
            if must || (spelled && self.one_in(3)) {
                self.escape(character);
            } else {
                self.put(character.encode_utf8(&mut [0; 4]));
            }
        }
        self.put("\"");
    }

    fn escape(&mut self, character: char) {
        let short = match character {
            '"' | '\\' | '/' => Some(character),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        match short {
            Some(short) if !self.one_in(4) => self.put(&format!("\\{short}")),
            _ => {
                let upper = self.one_in(2);
                for unit in character.encode_utf16(&mut [0; 2]) {
                    self.put(&if upper {
                        format!("\\u{unit:04X}")
                    } else {
                        format!("\\u{unit:04x}")
                    });
                }
            }
        }
    }

    /// A text of any characters.
    pub(crate) fn text(&mut self) -> String {
        if self.one_in(12) {
            let filler = self.choose(&["x", "é", "\"", "\\", "\u{1f}", "😀"]);
            return filler.repeat(usize::from(self.byte()));
        }
        let length = usize::from(self.byte() % 24);
        let bytes = self.input.bytes(length.min(self.input.len()));
        String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
    }

    /// Any value, and something that is none now and then.
    pub(crate) fn value(&mut self) {
        let deepest = self.level >= DEEPEST || self.is_full();
        match self.byte() % 12 {
            0 => self.put("null"),
            1 => self.put("true"),
            2 => self.put("false"),
            3 | 4 => self.number(),
            5 => self.put("{}"),
            6 => self.put("[]"),
            7 if !deepest => self.array(),
            8 if !deepest => self.object(|json, _| {
                if json.is_full() || json.one_in(4) {
                    return false;
                }
                let name = json.text();
                json.name(&name);
                json.value();
                true
            }),
            9 if self.one_in(8) => self.junk(),
            _ => {
                let text = self.text();
                self.string(&text);
            }
        }
    }

    fn array(&mut self) {
        self.put("[");
        self.level += 1;
        let mut first = true;
        while !self.is_full() && !self.one_in(4) {
            if !first {
                self.put(",");
            }
            first = false;
            self.space();
            self.value();
            self.space();
        }
        self.level -= 1;
        self.put("]");
    }

    pub(crate) fn number(&mut self) {
        let number = match self.byte() % 6 {
            0 => self.byte().to_string(),
            1 => self.input.arbitrary::<i64>().unwrap_or(0).to_string(),
            2 => self.input.arbitrary::<u64>().unwrap_or(0).to_string(),
            3 => {
                let float = self.input.arbitrary::<f64>().unwrap_or(0.0);
                if float.is_finite() {
                    format!("{float:?}")
                } else {
                    "-0".to_owned()
                }
            }
            4 => self.digits(),
            _ => {
                let whole = self.choose(&["0", "-0", "1", "-12", "123456789012345678901"]);
                let fraction = self.choose(&["", ".0", ".5", ".000000000000000000001"]);
                let exponent = self.choose(&["", "e0", "E-5", "e+308", "e309", "e-400"]);
                format!("{whole}{fraction}{exponent}")
            }
        };
        self.put(&number);
    }

    /// What looks like a number and may be none.
    fn digits(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.byte() % 24 {
            text.push(char::from(self.choose(b"0123456789-+.eE")));
        }
        text
    }

    /// Bytes that hardly fit anywhere.
    pub(crate) fn junk(&mut self) {
        let length = usize::from(self.byte() % 4);
        if let Ok(bytes) = self.input.bytes(length.min(self.input.len())) {
            self.out.extend_from_slice(bytes);
        }
    }

    /// Once in a while, damage at some place: a byte changed, left out or put in, or all behind it
    /// left out.
    pub(crate) fn damage(&mut self) {
        if !self.one_in(6) || self.out.is_empty() {
            return;
        }
        let place = self.input.arbitrary::<u16>().unwrap_or(0);
        let place = usize::from(place) % self.out.len();
        let byte = self.byte();
        match self.byte() % 4 {
            0 => self.out[place] = byte,
            1 => drop(self.out.remove(place)),
            2 => self.out.insert(place, byte),
            _ => self.out.truncate(place),
        }
    }
}
