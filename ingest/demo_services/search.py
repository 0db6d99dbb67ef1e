"""`demo-search`: a search API in Go, and the Java worker that fills its index."""

from datetime import timedelta
from functools import partial

from ingest.demo_services import search_stacks as stacks
from ingest.demo_services.lines import (
    CRITICAL,
    DEBUG,
    ERROR,
    INFO,
    WARNING,
    Line,
    Process,
    Routine,
    Service,
)

NAME = "demo-search"
API = Process(
    service=NAME,
    hosts=("search-api-1", "search-api-2"),
    staging_host="search-staging-1",
    tags='{"region":"«region»","customer_tier":"«tier»","index":"«index»",'
    '"request_id":"«request»"}',
    user='{"id":"«customer»"}',
)
INDEXER = Process(
    service=NAME,
    hosts=("search-indexer-1", "search-indexer-2"),
    staging_host="search-staging-1",
    tags='{"region":"«region»","index":"«index»","shard":"«shard»"}',
)

_api, _indexer = (partial(Line, process) for process in (API, INDEXER))
_SEARCH = '{"query":"«query»","hits":«hits»,"took_ms":«ms»}'
_BATCH = '{"documents":«documents»,"took_ms":«ms»}'

SERVED = _api(INFO, 92, "search/query", "search served", _SEARCH)

_INFORMATION = (
    SERVED,
    _api(
        INFO, 52, "search/suggest", "suggestions served", '{"prefix_length":«few»,"took_ms":«ms»}'
    ),
    _indexer(INFO, 48, "shop.search.index.IndexWorker", "Document batch indexed", _BATCH),
    _indexer(INFO, 12, "shop.search.feed.FeedReader", "Feed page read", '{"page":«few»}'),
    _indexer(INFO, 8, "shop.search.index.MergeScheduler", "Segment merge finished"),
    _api(INFO, 6, "search/facets", "facet cache warmed", '{"facets":«few»}'),
    _indexer(INFO, 3, "shop.search.index.Synonyms", "Synonyms reloaded", '{"entries":«many»}'),
)
_DETAILS = (
    _api(DEBUG, 18, "search/query", "query rewritten", '{"query":"«query»","rules":«few»}'),
    _api(DEBUG, 11, "search/cache", "result cache hit", '{"query":"«query»"}'),
    _indexer(DEBUG, 9, "shop.search.feed.FeedReader", "Committed offset «offset»"),
)
_WARNINGS = (
    _api(WARNING, 23, "search/query", "search without a hit", '{"query":"«rare_query»"}'),
    _api(
        WARNING,
        18,
        "search/query",
        "slow search",
        '{"query":"«query»","took_ms":«slow_ms»}',
        repeats=2,
    ),
    _indexer(
        WARNING,
        14,
        "shop.search.index.IndexWorker",
        "Document has no price, skipped",
        '{"document":«document»}',
    ),
    _indexer(
        WARNING,
        7,
        "shop.search.feed.FeedReader",
        "Consumer lag is growing",
        '{"lag":«lag»}',
        repeats=4,
    ),
    _api(
        WARNING,
        6,
        "search/query",
        "1 of 6 shards timed out, the result is partial",
        '{"query":"«query»","shard":«shard»}',
    ),
    _api(WARNING, 5, "search/http", "deprecated parameter sort_by, use sort"),
    _indexer(WARNING, 5, "shop.search.runtime.GcMonitor", "GC pause of «pause_ms» ms"),
    _api(WARNING, 3, "search/http", "request body of «kilobytes» KiB rejected, limit is 64 KiB"),
    _indexer(
        WARNING,
        2.5,
        "shop.search.runtime.GcMonitor",
        "Heap usage is above 80 %",
        '{"percent":«percent»}',
    ),
)
_ERRORS = (
    _api(
        ERROR,
        6,
        "search/query",
        "context deadline exceeded",
        '{"query":"«query»","timeout_ms":800}',
        stack=stacks.DEADLINE_EXCEEDED,
        repeats=3,
    ),
    _indexer(
        ERROR,
        4,
        "shop.search.index.IndexWorker",
        "Document batch was rejected",
        '{"documents":«documents»}',
        stack=stacks.BULK_REJECTED,
        repeats=3,
    ),
    _indexer(
        ERROR,
        4,
        "shop.search.feed.FeedReader",
        "Feed page could not be parsed",
        '{"page":«few»}',
        stack=stacks.UNEXPECTED_TOKEN,
    ),
    _api(
        ERROR,
        3,
        "search/http",
        "panic recovered: runtime error: index out of range [0] with length 0",
        '{"status":500}',
        stack=stacks.INDEX_OUT_OF_RANGE,
    ),
    _api(
        ERROR,
        2.5,
        "search/http",
        "cursor could not be decoded: illegal base64 data at input byte 12",
        '{"status":500}',
        stack=stacks.ILLEGAL_CURSOR,
    ),
    _indexer(
        CRITICAL,
        0.5,
        "shop.search.index.IndexWorker",
        "Index is read-only: flood-stage disk watermark exceeded",
        stack=stacks.READ_ONLY_INDEX,
        repeats=2,
    ),
    _indexer(
        CRITICAL,
        0.2,
        "shop.search.index.IndexWorker",
        "java.lang.OutOfMemoryError: Java heap space",
        stack=stacks.OUT_OF_MEMORY,
    ),
)

DEPLOYED = _indexer(INFO, 0, "search/deploy", "release «release» is live")
STARTED = _api(INFO, 0, "search/http", "listening on :9090")

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SERVICE = Service(
    name=NAME,
    description="Demo: a search API in Go and the Java worker that fills its index.",
    a_day=520,
    by_hour=(
        4,
        3,
        2.5,
        2.5,
        2.5,
        3,
        5,
        8,
        10,
        12,
        13,
        13,
        13,
        12,
        12,
        12,
        13,
        14,
        16,
        17,
        16,
        13,
        9,
        6,
    ),
    weekend=1.05,
    lines=_INFORMATION + _DETAILS + _WARNINGS + _ERRORS,
    routines=(
        Routine(
            _HOUR,
            10 * _MINUTE,
            _indexer(INFO, 0, "shop.search.index.Refresher", "Index refreshed", _BATCH),
        ),
        Routine(
            _DAY,
            _HOUR + 30 * _MINUTE,
            _indexer(INFO, 0, "shop.search.index.Snapshots", "Snapshot products-«day» written"),
        ),
    ),
    deployed=DEPLOYED,
    started=STARTED,
)
