"""The stacks of the demo search: Go's and Java's text, and Go errors with frames."""

from ingest.demo_services.stacks import chain, exception, frame, text

DEADLINE_EXCEEDED = chain(
    exception(
        "*errors.errorString",
        "context deadline exceeded",
        frame(
            "/src/internal/engine/client.go",
            "(*Client).Search",
            143,
            """
  \tresp, err := c.http.Do(req)
  \tif err != nil {
> \t\treturn nil, fmt.Errorf("engine: %s: %w", req.URL.Path, err)
  \t}
  \tdefer resp.Body.Close()
""",
            {"req.URL.Path": "/«index»/_search", "err": "context deadline exceeded"},
        ),
        module="context",
    ),
    exception(
        "*query.Error",
        'search "«query»": engine: /«index»/_search: context deadline exceeded',
        frame(
            "/src/internal/http/search.go",
            "(*Server).handleSearch",
            61,
            """
  \tctx, cancel := context.WithTimeout(r.Context(), s.cfg.SearchTimeout)
  \tdefer cancel()
> \tresult, err := s.searcher.Search(ctx, q)
  \tif err != nil {
  \t\ts.fail(w, r, err)
  \t\treturn
  \t}
""",
            {"q": 'query.Query{Text:"«query»", Limit:24}', "s.cfg.SearchTimeout": "800ms"},
        ),
        frame(
            "/src/internal/query/search.go",
            "(*Searcher).Search",
            88,
            """
  \tbody, err := s.engine.Search(ctx, s.index, s.rewrite(q))
  \tif err != nil {
> \t\treturn nil, &Error{Query: q.Text, Err: err}
  \t}
  \treturn s.decode(body)
""",
            {"s.index": "«index»", "q.Text": "«query»"},
        ),
        module="shop/search/internal/query",
    ),
)

INDEX_OUT_OF_RANGE = text("""
panic: runtime error: index out of range [0] with length 0

goroutine «many» [running]:
shop/search/internal/query.(*Highlighter).Snippet(0xc0004«few»2000, {0xc000a1c«few»80, 0x1e})
\t/src/internal/query/highlight.go:52 +0x1d4
shop/search/internal/query.(*Searcher).decode(0xc00012a«few»00, {0xc000b8e000, 0x2f1c, 0x3000})
\t/src/internal/query/search.go:119 +0x3a8
shop/search/internal/query.(*Searcher).Search(0xc00012a«few»00, {0x9f3c40, 0xc0006e4d20})
\t/src/internal/query/search.go:91 +0x265
shop/search/internal/http.(*Server).handleSearch(0xc0001c4000, {0x9f2e18, 0xc0003f61c0})
\t/src/internal/http/search.go:61 +0x2f1
net/http.HandlerFunc.ServeHTTP(0xc00011e6c0, {0x9f2e18, 0xc0003f61c0}, 0xc0005d2a00)
\t/usr/local/go/src/net/http/server.go:2294 +0x29
net/http.serverHandler.ServeHTTP({0xc0004e8b40}, {0x9f2e18, 0xc0003f61c0}, 0xc0005d2a00)
\t/usr/local/go/src/net/http/server.go:3301 +0x8e
net/http.(*conn).serve(0xc000476090, {0x9f3c08, 0xc000142c60})
\t/usr/local/go/src/net/http/server.go:2102 +0x625
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3454 +0x485
""")

ILLEGAL_CURSOR = text("""
goroutine «many» [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
shop/search/internal/http.(*Server).fail(0xc0001c4000, {0x9f2e18, 0xc00058a0e0}, 0xc0002f«few»c80)
\t/src/internal/http/errors.go:34 +0x92
shop/search/internal/http.(*Server).handleSearch(0xc0001c4000, {0x9f2e18, 0xc00058a0e0})
\t/src/internal/http/search.go:44 +0x1b6
net/http.HandlerFunc.ServeHTTP(0xc00011e6c0, {0x9f2e18, 0xc00058a0e0}, 0xc0002f«few»c80)
\t/usr/local/go/src/net/http/server.go:2294 +0x29
net/http.(*conn).serve(0xc000476«few»90, {0x9f3c08, 0xc000142c60})
\t/usr/local/go/src/net/http/server.go:2102 +0x625
""")

BULK_REJECTED = text("""
shop.search.index.BatchRejectedException: «documents» documents were rejected by «index»
\tat shop.search.index.BulkWriter.write(BulkWriter.java:96)
\tat shop.search.index.IndexWorker.flush(IndexWorker.java:143)
\tat shop.search.index.IndexWorker.run(IndexWorker.java:71)
\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)
\tat java.base/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:642)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: org.opensearch.client.ResponseException: method [POST], host [http://engine:9200], \
URI [/«index»/_bulk], status line [HTTP/1.1 429 Too Many Requests]
\tat org.opensearch.client.RestClient.convertResponse(RestClient.java:376)
\tat org.opensearch.client.RestClient.performRequest(RestClient.java:346)
\tat org.opensearch.client.RestClient.performRequest(RestClient.java:321)
\tat shop.search.index.BulkWriter.write(BulkWriter.java:88)
\t... 5 more
""")

UNEXPECTED_TOKEN = text("""
com.fasterxml.jackson.core.JsonParseException: Unexpected character ('<' (code 60)): expected a \
valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')
 at [Source: (InputStreamReader); line: 1, column: 1]
\tat com.fasterxml.jackson.core.JsonParser._constructError(JsonParser.java:2481)
\tat com.fasterxml.jackson.core.base.ParserMinimalBase._reportError(ParserMinimalBase.java:752)
\tat com.fasterxml.jackson.databind.ObjectMapper.readTree(ObjectMapper.java:3178)
\tat shop.search.feed.FeedReader.parse(FeedReader.java:118)
\tat shop.search.feed.FeedReader.readPage(FeedReader.java:84)
\tat shop.search.feed.FeedReader.run(FeedReader.java:57)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
""")

READ_ONLY_INDEX = text("""
org.opensearch.OpenSearchStatusException: index [«index»] blocked by: [TOO_MANY_REQUESTS/12/\
disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];
\tat org.opensearch.rest.BytesRestResponse.errorFromXContent(BytesRestResponse.java:209)
\tat org.opensearch.client.RestHighLevelClient.parseEntity(RestHighLevelClient.java:2228)
\tat org.opensearch.client.RestHighLevelClient.bulk(RestHighLevelClient.java:390)
\tat shop.search.index.BulkWriter.write(BulkWriter.java:88)
\tat shop.search.index.IndexWorker.flush(IndexWorker.java:143)
\tat shop.search.index.IndexWorker.run(IndexWorker.java:71)
""")

OUT_OF_MEMORY = text("""
java.lang.OutOfMemoryError: Java heap space
\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)
\tat java.base/java.io.ByteArrayOutputStream.ensureCapacity(ByteArrayOutputStream.java:100)
\tat java.base/java.io.ByteArrayOutputStream.write(ByteArrayOutputStream.java:130)
\tat shop.search.index.BatchBuffer.append(BatchBuffer.java:49)
\tat shop.search.index.IndexWorker.accept(IndexWorker.java:102)
\tat shop.search.feed.FeedReader.run(FeedReader.java:61)
""")
