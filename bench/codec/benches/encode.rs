//! Writing: a result of 64 KB of text from its type, and envelopes around JSON that is ready.

use std::hint::black_box;
use std::time::Duration;

use bench_codec::text_result;
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use mcpwire_codec::{Message, Part, encode_result};
use mcpwire_types::{CallToolResult, RequestId};

fn typed(criterion: &mut Criterion) {
    let text = text_result();
    let message = Message::scan(text.as_bytes()).expect("a message");
    let result: CallToolResult<'_> = message.parse(Part::Result).expect("a result");
    let mut group = criterion.benchmark_group("encode 64 KB text");
    group.bench_function("mcpwire", |bencher| {
        bencher.iter(|| mcpwire_codec::to_json(black_box(&result)).expect("JSON"));
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&result)).expect("JSON"));
    });
    group.finish();
}

fn splice(criterion: &mut Criterion) {
    let id = RequestId::Integer(7);
    let mut group = criterion.benchmark_group("splice");
    for (name, length) in [("100 B", 100), ("10 KB", 10_000), ("1 MB", 1_000_000)] {
        let result = Bytes::from(format!(r#"{{"text":"{}"}}"#, "x".repeat(length)));
        group.bench_function(name, |bencher| {
            bencher.iter(|| encode_result(black_box(&id), black_box(result.clone())));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(50)
        .without_plots();
    targets = typed, splice
}
criterion_main!(benches);
