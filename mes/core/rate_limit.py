"""How often one caller may call: a bucket of tokens in Redis, shared by all processes of the web.

A bucket holds a minute's calls and fills evenly. While Redis is away nobody is counted: the limit guards against
programs run wild, and must not be what stops the park.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis, RedisError

from mes.core.clock import stopwatch_s

TIMEOUT_S = 0.1
ASK_AGAIN_AFTER_S = 5.0

# Tokens per millisecond come as a fraction; time is the server's, so that all processes agree.
_TAKE = """
local most, rate = tonumber(ARGV[1]), tonumber(ARGV[1]) / 60000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local was = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(most, (tonumber(was[1]) or most) + math.max(0, now - (tonumber(was[2]) or now)) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / rate) end
local full = math.ceil((most - tokens) / rate)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], full + 1000)
return {math.floor(tokens), full, wait}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a call left its caller: so many calls now, all of them in `reset_s`. `wait_s` above zero: not this one."""

    limit: int
    remaining: int
    reset_s: int
    wait_s: int


class _Buckets:
    def __init__(self, url: str) -> None:
        client = Redis.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)
        self._script: Any = client.register_script(_TAKE)
        self._away_until_s = 0.0

    def take(self, name: str, limit: int) -> Allowance | None:
        if stopwatch_s() < self._away_until_s:
            return None
        try:
            remaining, full_ms, wait_ms = self._script(keys=[f"calls:{name}"], args=[limit])
        except (RedisError, OSError):
            self._away_until_s = stopwatch_s() + ASK_AGAIN_AFTER_S
            return None
        return Allowance(limit, remaining, -(-full_ms // 1000), -(-wait_ms // 1000))


@cache
def _buckets(url: str) -> _Buckets:
    return _Buckets(url)


def take(name: str) -> Allowance | None:
    """Counts a call of the caller with this name; None while nobody counts."""
    return _buckets(settings.REDIS_URL).take(name, settings.API_CALLS_PER_MINUTE)
