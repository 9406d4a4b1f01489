use super::*;

/// The frames of a stream that arrives in the given pieces.
fn frames<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Frame> {
    let mut events = EventDecoder::new(limit);
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(frame) = events.decode(&mut buffer) {
            frames.push(frame);
        }
    }
    while let Some(frame) = events.finish(&mut buffer) {
        frames.push(frame);
    }
    assert!(buffer.is_empty());
    frames
}

fn check(limit: usize, stream: &str, expected: &[Frame]) {
    let stream = stream.as_bytes();
    assert_eq!(frames(limit, [stream]), *expected, "{stream:?} whole");
    let bytes = stream.chunks(1);
    assert_eq!(frames(limit, bytes), *expected, "{stream:?} by bytes");
}

fn data(data: &'static str) -> Frame {
    event("", "", data)
}

fn event(id: &'static str, name: &'static str, data: &'static str) -> Frame {
    let some = |text: &'static str| (!text.is_empty()).then(|| Bytes::from_static(text.as_bytes()));
    Frame::Event(Event {
        data: data.into(),
        name: some(name),
        id: some(id),
    })
}

#[test]
fn events() {
    // HTTP-32
    let cases: &[(&str, &[Frame])] = &[
        ("", &[]),
        ("\n\r\n\r", &[]),
        ("data: {}\n\n", &[data("{}")]),
        ("data:{}\r\n\r\n", &[data("{}")]),
        ("data: {}\r\r", &[data("{}")]),
        (
            "data: a\r\ndata: b\r\rdata: c\n\r\n",
            &[data("a\nb"), data("c")],
        ),
        ("data:  a \n\n", &[data(" a ")]),
        ("data:\n\n", &[data("")]),
        ("data\n\n", &[data("")]),
        ("data\ndata\n\n", &[data("\n")]),
        ("data: a\ndata: b\ndata\ndata: c\n\n", &[data("a\nb\n\nc")]),
        // The end of the event is missing.
        ("data: a", &[]),
        ("data: a\n", &[]),
        ("data: a\n\ndata: b\n", &[data("a")]),
        // Not the fields that they resemble.
        ("Data: a\ndata : b\n data: c\ndat: d\ndatas: e\n\n", &[]),
        ("data: a\nunknown: b\nunknown\n\n", &[data("a")]),
    ];
    for (stream, expected) in cases {
        check(100, stream, expected);
    }
}

#[test]
fn names_and_ids() {
    let retry = |milliseconds| Frame::Retry(Duration::from_millis(milliseconds));
    let cases: &[(&str, &[Frame])] = &[
        (
            "event: endpoint\ndata: /x\n\ndata: a\n\n",
            &[event("", "endpoint", "/x"), data("a")],
        ),
        ("event: a\nevent: b\ndata: c\n\n", &[event("", "b", "c")]),
        ("event: a\nevent\ndata: c\n\n", &[data("c")]),
        ("event: a\n\ndata: b\n\n", &[data("b")]),
        // An ID stays until another one comes, an empty one too.
        (
            "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            &[event("1", "", "a"), event("1", "", "b"), data("c")],
        ),
        ("id: 1\n\ndata: a\n\n", &[event("1", "", "a")]),
        ("id: 1\nid: 2\0\ndata: a\n\n", &[event("1", "", "a")]),
        ("retry: 3000\n", &[retry(3000)]),
        ("data: a\nretry:007\n\n", &[retry(7), data("a")]),
        ("retry: 99999999999999999999999\n", &[retry(u64::MAX)]),
        ("retry\nretry:\nretry: 1s\nretry:  1\nretry: -1\n", &[]),
    ];
    for (stream, expected) in cases {
        check(100, stream, expected);
    }
}

#[test]
fn comments_show_that_the_peer_is_alive() {
    // HTTP-28
    check(4, ":\r\n", &[Frame::Comment]);
    check(4, ": longer than the limit", &[]);
    check(
        4,
        "data: a\n: longer than the limit\ndata: b\n\n:\r:\n",
        &[Frame::Comment, data("a\nb"), Frame::Comment, Frame::Comment],
    );
}

#[test]
fn a_byte_order_mark_may_come_first() {
    check(100, "\u{feff}data: a\n\n", &[data("a")]);
    check(100, "\u{feff}\u{feff}data: a\n\n", &[]);
    check(
        100,
        "data: \u{feff}\n\n\u{feff}data: a\n\n",
        &[data("\u{feff}")],
    );
    check(100, "\u{feff}", &[]);
    assert_eq!(
        frames(100, [&b"\xef\xbbdata: a\n\ndata: b\n\n"[..]]),
        [data("b")]
    );
}

#[test]
fn long_events_are_dropped() {
    let too_long = || Frame::TooLong { limit: 4 };
    let cases: &[(&str, &[Frame])] = &[
        ("data: 1234\n\n", &[data("1234")]),
        ("data: 12345\n\ndata: 6\n\n", &[too_long(), data("6")]),
        ("data: 12345", &[too_long()]),
        (
            "data: 12345\ndata: 6\nevent: 7\nid: 8\nretry: 9\n\n",
            &[too_long()],
        ),
        ("data: 12345\n: 6\n\n", &[too_long(), Frame::Comment]),
        ("data: 1\ndata: 2\n\n", &[data("1\n2")]),
        (
            "data: 12\ndata: 34\n\ndata: 5\n\n",
            &[too_long(), data("5")],
        ),
        ("data\ndata\ndata\ndata\ndata\n\n", &[data("\n\n\n\n")]),
        ("data\ndata\ndata\ndata\ndata\ndata\n\n", &[too_long()]),
        ("id: 12\nevent: 34\ndata\n\n", &[event("12", "34", "")]),
        ("id: 12\nevent: 34\ndata: 5\n\n", &[too_long()]),
        // Of what is dropped nothing counts.
        ("id: 1\ndata: 2345\n\ndata: 6\n\n", &[too_long(), data("6")]),
        (
            "event: 1\nevent: 2\nevent: 3\nevent: 4\nevent: 5\n\n",
            &[too_long()],
        ),
        ("retry: 00001\n\ndata: 6\n\n", &[too_long(), data("6")]),
        ("unknown: 12345\ndata: 6\n\n", &[data("6")]),
    ];
    for (stream, expected) in cases {
        check(4, stream, expected);
    }
}

#[test]
fn a_message_is_in_an_event_of_that_name_or_none() {
    // HTTP-32
    let named = |name: Option<&'static str>| Event {
        name: name.map(Bytes::from),
        ..Event::default()
    };
    assert!(named(None).is_message());
    assert!(named(Some("message")).is_message());
    assert!(!named(Some("Message")).is_message());
    assert!(!named(Some("endpoint")).is_message());
}

#[test]
fn an_endless_line_is_not_collected() {
    for start in ["data: ", "data: x\nid: ", ":", "unknown", "retry: "] {
        let mut events = EventDecoder::new(1000);
        let mut buffer = BytesMut::from(start);
        let mut longest = 0;
        for _ in 0..10_000 {
            buffer.extend_from_slice(&[b'1'; 512]);
            while events.decode(&mut buffer).is_some() {}
            longest = longest.max(buffer.capacity());
        }
        assert!(longest <= 4096, "{start:?}: {longest} bytes were held");
        buffer.extend_from_slice(b"\n\ndata: {}\n\n");
        let frames: Vec<Frame> = core::iter::from_fn(|| events.decode(&mut buffer)).collect();
        assert_eq!(frames.last(), Some(&data("{}")), "{start:?}");
    }
}

#[test]
fn a_single_line_shares_the_buffer_it_came_in() {
    let mut buffer = BytesMut::from("data: {\"a\":1}\r\n\r\ndata: rest");
    let start = buffer.as_ptr().wrapping_add("data: ".len());
    let Some(Frame::Event(event)) = EventDecoder::default().decode(&mut buffer) else {
        panic!("an event");
    };
    assert_eq!(
        (&*event.data, event.data.as_ptr()),
        (&b"{\"a\":1}"[..], start)
    );
}

#[test]
fn a_long_event_does_not_keep_its_buffer() {
    let mut events = EventDecoder::new(1 << 20);
    let mut buffer = BytesMut::from("data: ");
    buffer.resize(1 << 19, b'x');
    buffer.extend_from_slice(b"\n\n");
    assert!(matches!(events.decode(&mut buffer), Some(Frame::Event(_))));
    assert_eq!(buffer.capacity(), 0);
}

#[test]
fn the_last_id_outlives_the_stream() {
    let mut events = EventDecoder::default();
    let mut buffer = BytesMut::from("id: 7\ndata\n\nid: 8\ndata");
    while events.finish(&mut buffer).is_some() {}
    assert_eq!(events.last_event_id(), Some(&Bytes::from("7")));
    buffer.extend_from_slice("\u{feff}data: a\n\n".as_bytes());
    assert_eq!(events.decode(&mut buffer), Some(event("7", "", "a")));
}
