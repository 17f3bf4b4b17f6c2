"""What of a schema breaks programs that were written for an earlier one; docs/api-policy.md says it in words.

python -m tests.architecture.breaking check      compares docs/openapi/v1.yaml and docs/errors.md with the release
python -m tests.architecture.breaking release    takes them as the release that later ones are compared with
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.architecture.documents import parsed
from tests.architecture.source import CHECKOUT

CURRENT = CHECKOUT / "docs" / "openapi" / "v1.yaml"
RELEASED = CHECKOUT / "docs" / "openapi" / "released" / "v1.yaml"
CODES = CHECKOUT / "docs" / "errors.md"
RELEASED_CODES = RELEASED.with_name("codes.yaml")

_CODE = re.compile(r"^\| `(\w+)` \| (\d{3}) \|", re.MULTILINE)
_LEAST = ("minimum", "minLength", "minItems")
_MOST = ("maximum", "maxLength", "maxItems")
Schema = Mapping[str, Any]


@dataclass
class Comparison:
    """Two documents, and the pairs of components that were compared already."""

    old: Schema
    new: Schema
    _seen: set[tuple[str, str, bool]] = field(default_factory=set)

    def breaks(self) -> Iterator[str]:
        """Each breaking change, one line."""
        for path, methods in self.old["paths"].items():
            if path not in self.new["paths"]:
                yield f"{path}: is gone"
                continue
            for method, operation in methods.items():
                where = f"{method.upper()} {path}"
                if method not in self.new["paths"][path]:
                    yield f"{where}: is gone"
                else:
                    yield from self._operation(operation, self.new["paths"][path][method], where)

    def _operation(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where}: has another operationId"
        yield from self._parameters(old, new, where)
        yield from self._body(old.get("requestBody"), new.get("requestBody"), where)
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"{where}: answers {status} no more"
                continue
            for media, content in answer.get("content", {}).items():
                later = new["responses"][status].get("content", {}).get(media)
                if later is None:
                    yield f"{where}: {status} is no {media} any more"
                else:
                    yield from self._given(content["schema"], later["schema"], f"{where}: {status}")

    def _parameters(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        before, after = (
            {(item["in"], item["name"]): item for item in side.get("parameters", ())} for side in (old, new)
        )
        for key, item in before.items():
            if key not in after:
                yield f"{where}: takes no {key[1]} in its {key[0]} any more"
            else:
                yield from self._taken(item["schema"], after[key]["schema"], f"{where}: {key[1]}")
        for key, item in after.items():
            if item.get("required") and not before.get(key, {}).get("required"):
                yield f"{where}: demands {key[1]}"

    def _body(self, old: Schema | None, new: Schema | None, where: str) -> Iterator[str]:
        if new is not None and new.get("required") and not (old or {}).get("required"):
            yield f"{where}: demands a body"
        if old is None:
            return
        for media, content in old["content"].items():
            later = (new or {}).get("content", {}).get(media)
            if later is None:
                yield f"{where}: takes no body in {media} any more"
            else:
                yield from self._taken(content["schema"], later["schema"], where)

    def _taken(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """What callers send: nothing that was right may become wrong."""
        if self._is_known(old, new, given=False):
            return
        old, new = self._plain(old, self.old), self._plain(new, self.new)
        yield from self._same(old, new, where, ("type", "format", "pattern", "oneOf", "anyOf"))
        yield from self._range(old, new, where)
        for name, value in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from self._taken(value, new["properties"][name], f"{where}/{name}")
            elif new.get("additionalProperties", True) is False:
                yield f"{where}/{name}: is taken no more"
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{where}/{name}: is demanded"
        if "items" in old and "items" in new:
            yield from self._taken(old["items"], new["items"], f"{where}[]")

    def _range(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """Whether what is taken has become less."""
        if old.get("nullable") and not new.get("nullable"):
            yield f"{where}: takes null no more"
        gone = [value for value in old.get("enum", ["anything else"]) if value not in new.get("enum", [value])]
        if gone:
            yield f"{where}: takes {', '.join(map(str, gone))} no more"
        for word in (*_LEAST, *_MOST):
            before, after = old.get(word), new.get(word)
            if after is not None and (before is None or (after > before if word in _LEAST else after < before)):
                yield f"{where}: {word} is narrower"

    def _given(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """What callers read: nothing may go away or become another kind of thing."""
        if self._is_known(old, new, given=True):
            return
        old, new = self._plain(old, self.old), self._plain(new, self.new)
        yield from self._same(old, new, where, ("type", "format", "oneOf", "anyOf"))
        if new.get("nullable") and not old.get("nullable"):
            yield f"{where}: may be null"
        for name, value in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}/{name}: is gone"
            else:
                yield from self._given(value, new["properties"][name], f"{where}/{name}")
        unsure = set(new.get("properties", ())) - set(new.get("required", ()))
        for name in sorted(unsure & set(old.get("required", ()))):
            yield f"{where}/{name}: may be missing"
        if "items" in old and "items" in new:
            yield from self._given(old["items"], new["items"], f"{where}[]")

    def _same(self, old: Schema, new: Schema, where: str, words: tuple[str, ...]) -> Iterator[str]:
        for word in words:
            if old.get(word) != new.get(word):
                yield f"{where}: has another {word}"

    def _is_known(self, old: Schema, new: Schema, *, given: bool) -> bool:
        if "$ref" not in old or "$ref" not in new:
            return False
        pair = (old["$ref"], new["$ref"], given)
        known = pair in self._seen
        self._seen.add(pair)
        return known

    def _plain(self, schema: Schema, document: Schema) -> Schema:
        """The schema itself, behind references and what is one of one."""
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            if "$ref" in schema:
                schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            else:
                own = {word: value for word, value in schema.items() if word != "allOf"}
                schema = {**self._plain(schema["allOf"][0], document), **own}
        return schema


def codes_that_changed(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    """Codes that are gone or have another status."""
    return [f"code {code}: is gone or has another status" for code, status in old.items() if new.get(code) != status]


def codes_of(page: str) -> dict[str, int]:
    """Status by code, as docs/errors.md lists them."""
    return {code: int(status) for code, status in _CODE.findall(page)}


def bare(value: Any) -> Any:
    """The same schema without examples and texts."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {word: bare(item) for word, item in value.items() if word != "examples" and not _is_text(word, item)}


def _is_text(word: str, value: Any) -> bool:
    return word == "description" and isinstance(value, str)  # a field of that name has a schema


def main(command: str) -> int:
    schema, codes = parsed(CURRENT.read_text("utf-8")), codes_of(CODES.read_text("utf-8"))
    if command == "release":
        RELEASED.parent.mkdir(exist_ok=True)
        text = yaml.safe_dump(bare(schema), allow_unicode=True, sort_keys=False, width=120)
        RELEASED.write_text(text, "utf-8")
        RELEASED_CODES.write_text(yaml.safe_dump(codes), "utf-8")
        return 0
    found = list(Comparison(parsed(RELEASED.read_text("utf-8")), schema).breaks())
    found += codes_that_changed(parsed(RELEASED_CODES.read_text("utf-8")), codes)
    sys.stderr.writelines(f"breaks what was released (docs/api-policy.md): {line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
