"""An HTTP request to the typed method that it calls, as aiogram knows it, whichever library has sent it."""

import inspect
import json
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import aiogram.methods
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, InputFile
from aiohttp import BodyPartReader, ClientResponse, MultipartReader, web
from aiohttp.multipart import MultipartResponseWrapper
from pydantic import BaseModel, ValidationError

from tests.botapi.errors import bad

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__.lower(): method
    for method in vars(aiogram.methods).values()
    if inspect.isclass(method) and issubclass(method, TelegramMethod) and method is not TelegramMethod
}
EMPTY = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "Message identifiers are not specified",
}
"""What Telegram says of a required parameter that is missing; the others it calls by their names."""
Fields = dict[str, Any]


async def read_fields(message: web.Request | ClientResponse) -> Fields:
    """The parameters that a request (or a webhook's answer) carries: texts, files, and in JSON any value."""
    kind = message.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            fields = await message.json()
            if not isinstance(fields, dict):
                raise bad("object expected")
            return fields
        if kind == "multipart/form-data":
            if isinstance(message, web.Request):
                return await _read_parts(await message.multipart())
            return await _read_parts(MultipartReader.from_response(message))
    except ValueError as error:
        raise bad(f"can't parse the request: {error}") from error
    return dict(await message.post()) if isinstance(message, web.Request) else {}


async def _read_parts(parts: MultipartReader | MultipartResponseWrapper) -> Fields:
    fields: Fields = {}
    while part := await parts.next():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad("a part of the request has no name")
        data = bytes(await part.read(decode=True))
        # Every form names its files; a text has no file name.
        fields[part.name] = data.decode() if part.filename is None else BufferedInputFile(data, part.filename)
    return fields


def parse(name: str, fields: Mapping[str, Any]) -> TelegramMethod[Any]:
    """The method called, with typed parameters.

    Raises:
        Refused: There is no such method or parameter, or a value is not of its type.
    """
    if (method := METHODS.get(name.lower())) is None:
        raise bad(f"method {name} not found")
    attached = {f"attach://{key}": value for key, value in fields.items() if isinstance(value, InputFile)}
    known: Fields = {}
    for key, value in fields.items():
        if key in method.model_fields:
            known[key] = _decoded(key, attached.get(value, value) if isinstance(value, str) else value, method)
        elif f"attach://{key}" not in attached or f"attach://{key}" not in fields.values():
            raise bad(f"{name} has no parameter {key}")
    try:
        call = method.model_validate(known)
    except ValidationError as error:
        raise _refusal(error) from error
    if unknown := sorted(_unknown(call)):
        raise bad(f"{name} was given unknown fields: {', '.join(unknown)}")
    return call


def parameters(call: TelegramMethod[Any]) -> Fields:
    """The parameters as sent, in plain data; files stay files."""
    return call.model_dump(exclude_unset=True, warnings=False)


def _decoded(key: str, value: Any, method: type[TelegramMethod[Any]]) -> Any:
    """A form's texts are JSON where the parameter is no text."""
    if not isinstance(value, str):
        return value
    if key.endswith("chat_id") and value.lstrip("-").isdecimal():
        return int(value)
    if value[:1] in ("[", "{") and not _takes_text(method.model_fields[key].annotation):
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad(f"can't parse {key} JSON object") from error
    return value


def _takes_text(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _takes_text(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(map(_takes_text, get_args(annotation)))
    return annotation is str


def _refusal(error: ValidationError) -> Exception:
    first = error.errors(include_url=False)[0]
    parameter = str(first["loc"][0]) if first["loc"] else "parameters"
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return bad(EMPTY.get(parameter, f"{parameter} is empty"))
    return bad(f"can't parse {'.'.join(map(str, first['loc']))}: {first['msg']}")


def _unknown(value: Any) -> Iterator[str]:
    """Names in a typed value that its type does not know: aiogram keeps them, and Telegram would ignore them."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in value.model_fields_set - set(value.model_extra or ()):
            yield from _unknown(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from _unknown(item)
