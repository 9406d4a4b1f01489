//! Reading each of the six messages, by every reader.

use std::hint::black_box;
use std::time::Duration;

use bench_codec::readers::{self, SimdJson};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mcpwire_codec::Kind;

fn decode(criterion: &mut Criterion) {
    for sample in bench_codec::all() {
        let bytes = sample.text.as_bytes();
        let response = matches!(readers::mcpwire(bytes).kind(), Kind::Result | Kind::Error);
        let mut group = criterion.benchmark_group(sample.name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("mcpwire", |bencher| {
            bencher.iter(|| black_box(readers::mcpwire(black_box(bytes))));
        });
        group.bench_function("serde_json", |bencher| {
            bencher.iter(|| black_box(readers::serde_json(black_box(bytes))));
        });
        group.bench_function("sonic-rs", |bencher| {
            bencher.iter(|| black_box(readers::sonic_rs(black_box(bytes))));
        });
        let mut simd_json = SimdJson::default();
        group.bench_function("simd-json", |bencher| {
            bencher.iter(|| black_box(simd_json.read(black_box(bytes))));
        });
        group.bench_function("jiter", |bencher| {
            bencher.iter(|| black_box(readers::jiter(black_box(bytes))));
        });
        group.bench_function("rmcp", |bencher| {
            if response {
                bencher.iter(|| black_box(readers::rmcp_client(black_box(bytes))));
            } else {
                bencher.iter(|| black_box(readers::rmcp_server(black_box(bytes))));
            }
        });
        group.bench_function("simdutf8", |bencher| {
            bencher.iter(|| black_box(simdutf8::basic::from_utf8(black_box(bytes))));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(50)
        .without_plots();
    targets = decode
}
criterion_main!(benches);
