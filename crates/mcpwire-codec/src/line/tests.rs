use super::*;
use crate::Message;

/// The frames of a stream that arrives in the given pieces.
fn frames(limit: usize, pieces: &[&[u8]]) -> Vec<Frame> {
    let mut lines = LineDecoder::new(limit);
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(frame) = lines.decode(&mut buffer) {
            frames.push(frame);
        }
        assert!(buffer.len() <= limit + 1, "holds {} bytes", buffer.len());
    }
    while let Some(frame) = lines.finish(&mut buffer) {
        frames.push(frame);
    }
    assert!(buffer.is_empty());
    frames
}

fn line(text: &'static str) -> Frame {
    Frame::Line(text.into())
}

#[test]
fn streams_are_cut_into_lines() {
    // STDIO-02
    let too_long = Frame::TooLong { limit: 4 };
    let cases: &[(&str, &[Frame])] = &[
        ("", &[]),
        ("a\nb\n", &[line("a"), line("b")]),
        ("a\r\nb\r\n", &[line("a"), line("b")]),
        ("a\nb", &[line("a"), line("b")]),
        ("a\r\nb\r", &[line("a"), line("b")]),
        ("\n\r\n\n", &[]),
        ("\r", &[]),
        ("a\rb\n", &[line("a\rb")]),
        ("a\r\r\n", &[line("a\r")]),
        (
            "1234\n1234\r\n1234",
            &[line("1234"), line("1234"), line("1234")],
        ),
        ("12345\nok\n", &[too_long.clone(), line("ok")]),
        ("12345\r\nok\n", &[too_long.clone(), line("ok")]),
        ("1234\r\r\nok\n", &[too_long.clone(), line("ok")]),
        (
            "123456789012345678901234567890\n\nok",
            &[too_long.clone(), line("ok")],
        ),
        (
            "12345\n12345\nok\n12345",
            &[
                too_long.clone(),
                too_long.clone(),
                line("ok"),
                too_long.clone(),
            ],
        ),
    ];
    for (stream, expected) in cases {
        let stream = stream.as_bytes();
        assert_eq!(frames(4, &[stream]), *expected, "{stream:?} whole");
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(frames(4, &bytes), *expected, "{stream:?} byte by byte");
    }
}

#[test]
fn an_endless_line_is_not_collected() {
    // STDIO-28
    let mut lines = LineDecoder::new(1000);
    let mut buffer = BytesMut::new();
    let mut longest = 0;
    for _ in 0..10_000 {
        buffer.extend_from_slice(&[b'x'; 512]);
        assert_eq!(lines.decode(&mut buffer), None);
        longest = longest.max(buffer.capacity());
    }
    assert!(longest <= 4096, "{longest} bytes were held");
    buffer.extend_from_slice(b"\n{}\n");
    assert_eq!(
        lines.decode(&mut buffer),
        Some(Frame::TooLong { limit: 1000 })
    );
    assert_eq!(lines.decode(&mut buffer), Some(line("{}")));
}

#[test]
fn a_long_line_does_not_keep_its_buffer() {
    let mut lines = LineDecoder::new(1 << 20);
    let mut buffer = BytesMut::new();
    buffer.resize(1 << 19, b'x');
    buffer.extend_from_slice(b"\n");
    assert!(matches!(lines.decode(&mut buffer), Some(Frame::Line(line)) if line.len() == 1 << 19));
    assert_eq!(buffer.capacity(), 0);
}

#[test]
fn a_line_shares_the_buffer_it_came_in() {
    let mut buffer = BytesMut::from("{\"a\":1}\r\nrest");
    let start = buffer.as_ptr();
    let Some(Frame::Line(line)) = LineDecoder::default().decode(&mut buffer) else {
        panic!("a line");
    };
    assert_eq!((&*line, line.as_ptr()), (&b"{\"a\":1}"[..], start));
}

#[test]
fn a_message_is_framed_as_one_line() {
    // STDIO-03
    let message = Message::decode("{\"jsonrpc\":\r\n\"2.0\",\n\"method\":\"a\\nb\"}\n").unwrap();
    let framed = frame(message.clone().into()).to_bytes();
    assert_eq!(framed, "{\"jsonrpc\":  \"2.0\", \"method\":\"a\\nb\"} \n");

    let compact = Message::decode(r#"{"jsonrpc":"2.0","method":"a"}"#).unwrap();
    let framed = frame(compact.clone().into());
    assert_eq!(framed.chunks()[1].as_ptr(), compact.as_bytes().as_ptr());
    assert_eq!(framed.chunks()[2], b"\n");
}
