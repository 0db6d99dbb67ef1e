"""What a user agent tells: client, system and kind of device. Parsed once for each text."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256

import ua_parser

DESKTOP, PHONE, TABLET, TV = "Desktop", "Phone", "Tablet", "TV"
PROGRAM, BOT, AI_CRAWLER = "Program", "Bot", "AI crawler"
BOTS = (BOT, AI_CRAWLER)
MOST_REMEMBERED = 4_096

# Crawlers and agents that read for language models, by what their operators publish.
_AI = re.compile(
    r"GPTBot|OAI-SearchBot|ChatGPT|Claude(?:Bot|-User|-SearchBot|-Web)|anthropic-ai|Perplexity"
    r"|CCBot|Google-Extended|GoogleOther|Google-CloudVertexBot|Gemini-Deep-Research|Bytespider"
    r"|TikTokSpider|Amazonbot|Applebot-Extended|meta-external(?:agent|fetcher)|FacebookBot"
    r"|cohere-|Diffbot|ImagesiftBot|Omgili|YouBot|DuckAssistBot|MistralAI|Timpibot|AI2Bot|Ai2Bot"
    r"|PetalBot|PanguBot|DeepSeek|Kangaroo Bot|Webzio-Extended"
    r"|iaskspider|img2dataset|FirecrawlAgent",
    re.IGNORECASE,
)
_BOT = re.compile(
    r"bot\b|bot[/;]|crawl|spider|slurp|\+https?://|monitor|uptime|pingdom|statuscake|health.?check"
    r"|kube-probe|ELB-Health|GoogleHC|headless|lighthouse|pagespeed|facebookexternalhit|preview"
    r"|scan|zgrab|masscan|nmap|nikto|sqlmap|archiver|feed(?:fetcher|ly|burner)|validator"
    r"|Log Handler",
    re.IGNORECASE,
)
# A program's own name and version come first; browsers say Mozilla there.
_PRODUCT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.\- ]{0,48}?)(?:/[\w.\-+]*)?(?:[\s;(,]|$)")
_TV = re.compile(r"\bTV\b|SmartTV|SMART-TV|AppleTV|BRAVIA|GoogleTV|Roku|CrKey|HbbTV", re.IGNORECASE)
_TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|SM-T[0-9]", re.IGNORECASE)
_PHONE = re.compile(r"Mobile|iPhone|iPod|Windows Phone|BlackBerry|Opera Mini", re.IGNORECASE)
_DESKTOPS = {"Windows", "macOS", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS", "FreeBSD"}
_SYSTEMS = {"Mac OS X": "macOS", "Mac OS": "macOS", "Chromecast": "Android"}
_CLIENTS = {
    "Mobile Safari": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
}


@dataclass(frozen=True, slots=True)
class Agent:
    """A user agent. `number` stands for its text in the rows of requests."""

    number: int | None
    client: str | None  # Chrome, curl, Googlebot, …
    system: str | None  # Windows, Android, …
    device: str | None  # one of the kinds above


NONE = Agent(None, None, None, None)


@lru_cache(maxsize=MOST_REMEMBERED)
def agent(text: str) -> Agent:
    found = _parser().parse(text)
    family = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    system = _SYSTEMS.get(system, system) if system else None
    product = None if text.lstrip().startswith("Mozilla/") else _PRODUCT.match(text)
    client = _CLIENTS.get(family, family) if family else (product[1] if product else None)
    spider = found.device is not None and found.device.family == "Spider"
    return Agent(_number(text), client, system, _device(text, system, spider, bool(product)))


def _device(text: str, system: str | None, spider: bool, program: bool) -> str | None:
    if _AI.search(text):
        return AI_CRAWLER
    if _BOT.search(text):
        return BOT
    if program:
        return PROGRAM
    if spider:
        return BOT
    if _TV.search(text):
        return TV
    if _TABLET.search(text) or (system == "Android" and "Mobile" not in text):
        return TABLET
    if _PHONE.search(text):
        return PHONE
    return DESKTOP if system in _DESKTOPS else None


def _number(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], signed=True)


@cache
def _parser() -> ua_parser.Parser:
    """Its rules are compiled when they are first needed, and what it finds is remembered here."""
    return ua_parser.Parser(ua_parser.BestAvailableResolver(ua_parser.load_lazy_builtins()))
