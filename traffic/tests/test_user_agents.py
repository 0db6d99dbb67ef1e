import pytest

from traffic.user_agents import agent

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
EDGE = f"{CHROME} Edg/131.0.0.0"
OPERA = f"{CHROME} OPR/115.0.0.0"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36"
)
GALAXY_TAB = (
    "Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GPTBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)"
)
CLAUDEBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; "
    "+claudebot@anthropic.com)"
)


@pytest.mark.parametrize(
    ("text", "client", "system", "device"),
    [
        (CHROME, "Chrome", "Windows", "Desktop"),
        (EDGE, "Edge", "Windows", "Desktop"),
        (OPERA, "Opera", "Windows", "Desktop"),
        (SAFARI, "Safari", "macOS", "Desktop"),
        (FIREFOX, "Firefox", "Linux", "Desktop"),
        (IPHONE, "Safari", "iOS", "Phone"),
        (IPAD, "Safari", "iOS", "Tablet"),
        (PIXEL, "Chrome", "Android", "Phone"),
        (GALAXY_TAB, "Chrome", "Android", "Tablet"),
        (GOOGLEBOT, "Googlebot", None, "Bot"),
        (GPTBOT, "GPTBot", None, "AI crawler"),
        (CLAUDEBOT, "ClaudeBot", None, "AI crawler"),
        ("curl/8.5.0", "curl", None, "Program"),
        ("python-requests/2.34.2", "Python Requests", None, "Program"),
        ("Python-urllib/3.11", "Python-urllib", None, "Program"),
        ("Go-http-client/2.0", "Go-http-client", None, "Program"),
        ("node-fetch", "node-fetch", None, "Program"),
        ("OurOwnApp/3.2 (build 7)", "OurOwnApp", None, "Program"),
        ("UptimeRobot/2.0", "UptimeRobot", None, "Bot"),
        ("???", None, None, None),
    ],
)
def test_an_agent_is_read_once(
    text: str, client: str | None, system: str | None, device: str | None
) -> None:
    found = agent(text)
    assert (found.client, found.system, found.device) == (client, system, device)
    assert agent(text) is found


def test_its_number_fits_a_column_and_is_its_own() -> None:
    numbers = {agent(f"agent/{n}").number for n in range(100)}
    assert len(numbers) == 100
    assert all(-(2**63) <= number < 2**63 for number in numbers if number is not None)
