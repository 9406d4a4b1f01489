//! Reading a part as a type, once the message has been read: by `Message::parse`, which validates
//! nothing again, and by `serde_json` from the same bytes.

use std::hint::black_box;
use std::time::Duration;

use bench_codec::{call, dense_call, tools_list};
use criterion::{Criterion, criterion_group, criterion_main};
use mcpwire_codec::{Message, Part};
use mcpwire_types::{CallToolRequestParams, ListToolsResult};
use serde::Deserialize;

/// The arguments of the dense call, as a user would declare them.
#[derive(Deserialize)]
struct Arguments {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    p: [f64; 3],
    s: String,
}

macro_rules! compare {
    ($criterion:ident, $name:literal, $text:expr, $part:expr, $type:ty) => {
        let text = $text;
        let message = Message::scan(text.as_bytes()).expect("a message");
        let bytes = message.raw($part).expect("the part");
        let mut group = $criterion.benchmark_group($name);
        group.bench_function("mcpwire", |bencher| {
            bencher.iter(|| black_box(message.parse::<$type>($part).expect("the type")));
        });
        group.bench_function("serde_json", |bencher| {
            bencher.iter(|| {
                black_box(serde_json::from_slice::<$type>(black_box(bytes)).expect("the type"))
            });
        });
        group.finish();
    };
}

fn typed(criterion: &mut Criterion) {
    compare!(
        criterion,
        "typed params of a call",
        call(),
        Part::Params,
        CallToolRequestParams<'_>
    );
    compare!(
        criterion,
        "typed dense arguments",
        dense_call(),
        Part::Arguments,
        Arguments
    );
    compare!(
        criterion,
        "typed tools of a list",
        tools_list(),
        Part::Result,
        ListToolsResult<'_>
    );
    let arguments: Arguments = Message::scan(dense_call().as_bytes())
        .and_then(|message| Ok(message.parse(Part::Arguments).expect("arguments")))
        .expect("a message");
    let sum: f64 = arguments.rows.iter().flat_map(|row| row.p).sum();
    assert!(sum.is_finite() && arguments.rows.iter().all(|row| !row.s.is_empty()));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(50)
        .without_plots();
    targets = typed
}
criterion_main!(benches);
