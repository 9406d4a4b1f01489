//! A conversation of our own, message by message: what the tests mutate, and what the fuzz corpus
//! starts from. The name of a refused message starts with `bad`.

pub(crate) const MESSAGES: &[(&str, &str)] = &[
    (
        "discover",
        r#"{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}},"io.modelcontextprotocol/clientInfo":{"name":"harbour","version":"0.3.1"}}}}"#,
    ),
    (
        "discover-result",
        r#"{"jsonrpc":"2.0","id":0,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true}},"instructions":"Ask for the tide before you sail.","ttlMs":3600000,"cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"tides","version":"1.2.0"}}}}"#,
    ),
    (
        "tools-call",
        r#"{"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":{"name":"tide","arguments":{"port":"Brest","days":3,"at":[48.38,-4.49e0],"unit":null},"_meta":{"progressToken":17,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=b","baggage":"user=7","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"info"}}}"#,
    ),
    (
        "progress",
        r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":17,"progress":0.5,"total":1,"message":"halfway \u2013 \"high\" water"}}"#,
    ),
    (
        "tools-call-result",
        r#"{"jsonrpc":"2.0","id":"call-1","result":{"resultType":"complete","content":[{"type":"text","text":"06:12 ↑ 6.9 m\n12:31 ↓ 1.4 m"}],"structuredContent":{"tides":[{"at":"06:12","height":6.9},{"at":"12:31","height":1.4}]},"isError":false}}"#,
    ),
    (
        "tools-call-retry",
        r#"{"jsonrpc":"2.0","id":"call-2","method":"tools/call","params":{"name":"book","arguments":{"berth":12},"inputResponses":{"confirm":{"action":"accept","content":{"sure":true}}},"requestState":"c2VhbGVk","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}}"#,
    ),
    (
        "input-required",
        r#"{"jsonrpc":"2.0","id":"call-2","result":{"resultType":"input_required","inputRequests":{"confirm":{"method":"elicitation/create","params":{"mode":"form","message":"Book berth 12?","requestedSchema":{"type":"object","properties":{"sure":{"type":"boolean"}}}}}},"requestState":"c2VhbGVk"}}"#,
    ),
    (
        "resources-read",
        r#"{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"chart:\/\/brest\/harbour?zoom=4","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
    ),
    (
        "resources-list",
        r#"{"jsonrpc":"2.0","id":4,"method":"resources/list","params":{"cursor":"b2Zmc2V0PTUw","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
    ),
    (
        "tasks-get",
        r#"{"params":{"taskId":"9f2c"},"method":"tasks/get","jsonrpc":"2.0","id":-9007199254740991}"#,
    ),
    (
        "listen-update",
        r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"chart://brest/harbour","_meta":{"io.modelcontextprotocol/subscriptionId":"listen-1"}}}"#,
    ),
    (
        "cancelled",
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"call-1","reason":"sailed"}}"#,
    ),
    (
        "bare-notification",
        r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
    ),
    (
        "error",
        r#"{"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"no such chart","data":{"uri":"chart://brest/harbour"}}}"#,
    ),
    (
        "error-without-id",
        r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}"#,
    ),
    (
        "spread-out",
        "\r\n{\n\t\"jsonrpc\" : \"2\\u002e0\" ,\n\t\"meth\\u006fd\" : \"tools\\/list\" ,\r\n\t\"id\" : \"\\ud83d\\ude00\" ,\n\t\"params\" : { \"_meta\" : [ ] }\n}\n",
    ),
    (
        "unknown-members",
        r#"{"jsonrpc":"2.0","x":[[],{},[{"id":1}],-0.0,1e999,true,false,null],"id":5,"x":{"method":"b"},"method":"a","params":{"x":1,"x":2}}"#,
    ),
    (
        "bad-batch",
        r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#,
    ),
    (
        "bad-duplicate",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","n\u0061me":"delete"}}"#,
    ),
    (
        "bad-id-null",
        r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
    ),
    (
        "bad-id-minus-zero",
        r#"{"jsonrpc":"2.0","id":-0,"method":"tools/list"}"#,
    ),
    (
        "bad-id-fraction",
        r#"{"jsonrpc":"2.0","id":1.0,"method":"tools/list"}"#,
    ),
    (
        "bad-version",
        r#"{"jsonrpc":"1.0","method":"tools/list","params":{},"id":"behind"}"#,
    ),
    (
        "bad-both",
        r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
    ),
    (
        "bad-surrogate",
        r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"name":"\ud83d"}}"#,
    ),
    (
        "bad-surrogate-pair",
        r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"name":"\ude00\ude00"}}"#,
    ),
    (
        "bad-control-character",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"x\":\"a string as long as this one \u{1f} is\"}",
    ),
    (
        "bad-truncated",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"#,
    ),
    (
        "bad-trailing",
        r#"{"jsonrpc":"2.0","id":1,"method":"a"}{"jsonrpc":"2.0","id":2,"method":"b"}"#,
    ),
];
