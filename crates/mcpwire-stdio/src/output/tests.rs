use std::collections::{HashMap, HashSet};
use std::task::Waker;

use mcpwire_codec::{encode_notification, line};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Takes what it is allowed to take, then nothing.
struct Tap {
    taken: Vec<u8>,
    allowed: usize,
    vectored: bool,
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.allowed == 0 {
            return Poll::Pending;
        }
        let length = bytes.len().min(self.allowed);
        self.allowed -= length;
        self.taken.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        self.poll_write(cx, &bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[derive(Clone, Debug)]
enum Step {
    Reply {
        request: usize,
        padding: usize,
        last: bool,
    },
    Refusal {
        id: i64,
        padding: usize,
    },
    Discard {
        request: usize,
    },
    DiscardRefusals {
        id: i64,
    },
    Write {
        bytes: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_usize, 0..300_usize, any::<bool>())
            .prop_map(|(request, padding, last)| Step::Reply { request, padding, last }),
        2 => (0..3_i64, 0..300_usize).prop_map(|(id, padding)| Step::Refusal { id, padding }),
        1 => (0..4_usize).prop_map(|request| Step::Discard { request }),
        1 => (0..3_i64).prop_map(|id| Step::DiscardRefusals { id }),
        4 => (0..400_usize).prop_map(|bytes| Step::Write { bytes }),
    ];
    proptest::collection::vec(step, 0..200)
}

/// What was pushed, and when it was discarded: after so many bytes had been written.
struct Pushed {
    owner: String,
    last: Option<Key>,
    discarded: Option<usize>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // STDIO-29, CANCEL-08
    #[test]
    fn lines_are_whole_and_in_order_and_discarded_ones_do_not_begin(
        steps in steps(),
        vectored in any::<bool>(),
    ) {
        // The clock of a stalled write needs one.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let mut cx = Context::from_waker(Waker::noop());

        let keys: Vec<Key> = (0..4).map(Key).collect();
        let tap = Tap { taken: Vec::new(), allowed: 0, vectored };
        let mut output = Output::new(tap, Duration::from_secs(1));
        let mut pushed: Vec<Pushed> = Vec::new();
        let mut push = |output: &mut Output<Tap>, owner: Owner, padding: usize, name: String| {
            let params = serde_json::json!({ "line": pushed.len(), "padding": "x".repeat(padding) });
            output.push(line::frame(encode_notification("n", Some(params.to_string().into()))), owner);
            pushed.push(Pushed { owner: name, last: None, discarded: None });
            pushed.len() - 1
        };

        let mut discards: Vec<(String, usize, usize)> = Vec::new();
        let mut last_of: HashMap<usize, Key> = HashMap::new();
        for step in steps {
            match step {
                Step::Reply { request, padding, last } => {
                    let key = keys[request];
                    let owner = Owner::Reply { key, last, _place: None };
                    let index = push(&mut output, owner, padding, format!("reply {request}"));
                    if last {
                        last_of.insert(index, key);
                    }
                }
                Step::Refusal { id, padding } => {
                    let owner = Owner::Refusal { id: Some(RequestId::Integer(id)) };
                    push(&mut output, owner, padding, format!("refusal {id}"));
                }
                Step::Discard { request } => {
                    output.discard(keys[request]);
                    discards.push((format!("reply {request}"), usize::MAX, output.writer.taken.len()));
                }
                Step::DiscardRefusals { id } => {
                    output.discard_refusals(&RequestId::Integer(id));
                    discards.push((format!("refusal {id}"), usize::MAX, output.writer.taken.len()));
                }
                Step::Write { bytes } => {
                    output.writer.allowed = bytes;
                    while !output.is_idle()
                        && let Poll::Ready(progress) = output.poll_progress(&mut cx)
                    {
                        prop_assert!(progress.is_ok(), "{progress:?}");
                    }
                }
            }
            // Concerns what was pushed until now.
            if let Some((_, until @ usize::MAX, _)) = discards.last_mut() {
                *until = push(&mut output, Owner::Refusal { id: None }, 0, "mark".into());
            }
        }
        output.writer.allowed = usize::MAX;
        while !output.is_idle() {
            let progress = output.poll_progress(&mut cx);
            prop_assert!(matches!(progress, Poll::Ready(Ok(()))), "{progress:?}");
        }
        prop_assert_eq!(output.refusals(), 0);

        for (owner, until, written) in discards {
            for line in &mut pushed[..until] {
                if line.owner == owner && line.discarded.is_none() {
                    line.discarded = Some(written);
                }
            }
        }
        for (index, key) in last_of {
            pushed[index].last = Some(key);
        }

        let taken = std::mem::take(&mut output.writer.taken);
        let mut start = 0;
        let mut next = 0;
        let mut seen = HashSet::new();
        let mut answered = Vec::new();
        for text in taken.split_inclusive(|byte| *byte == b'\n') {
            let message: Value = serde_json::from_slice(text).unwrap();
            let index = usize::try_from(message["params"]["line"].as_u64().unwrap()).unwrap();
            prop_assert!(index >= next, "line {index} out of order");
            next = index + 1;
            if let Some(discarded) = pushed[index].discarded {
                prop_assert!(start < discarded, "line {index} began after it was discarded");
            }
            answered.extend(pushed[index].last);
            seen.insert(index);
            start += text.len();
        }
        for (index, line) in pushed.iter().enumerate() {
            prop_assert!(line.discarded.is_some() || seen.contains(&index), "line {index} is lost");
        }
        prop_assert_eq!(output.answered().collect::<Vec<_>>(), answered);
    }
}
