"""Templates: what they may refer to, that they end, and that they reach nothing else."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import FixtureError
from mockserver.call import Call
from mockserver.draw import Draw
from mockserver.errors import Place, TemplateFailure
from mockserver.language.load import load
from mockserver.templates import allowance
from mockserver.templates.allowance import MAX_VALUES, Exceeded, weight
from mockserver.templates.template import Template, variables
from tests.conftest import Serve, chat, content

HELLO: list[dict[str, Any]] = [{"role": "user", "content": "hello there"}]


def rendered(source: str, *, messages: list[dict[str, Any]] = HELLO, locale: str | None = None, **body: Any) -> str:
    """What a template gives for a chat request."""
    call = Call("chat", {"model": "gpt-4o", "messages": messages, **body})
    scope = variables(
        call,
        {"city": "Rome"},
        seconds=1_700_000_000.5,
        ordinal=3,
        chance=Draw("chance"),
        content=lambda part: Draw("content", call.canonical, part),
        locale=locale,
    )
    return Template(source).render(scope)


def failure(source: str, **body: Any) -> str:
    """How a template fails."""
    with pytest.raises(TemplateFailure) as failed:
        rendered(source, **body)
    return str(failed.value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ match.city }}, {{ match['city'] }}", "Rome, Rome"),
        ("{{ user }} {{ model }} {{ call.count }} {{ call.endpoint }}", "hello there gpt-4o 3 chat"),
        ("{{ request.temperature | default(1) }} {{ messages[-1].role }}", "1 user"),
        ("{{ now().isoformat() }}", "2023-11-14T22:13:20.500000+00:00"),
        ("{{ (now() + timedelta(days=20, hours=2)).strftime('%d.%m.%Y %H:%M') }}", "05.12.2023 00:13"),
        ("{{ {'a': [1, none, 'é<']} | json }}", '{"a":[1,null,"é<"]}'),
        ("{{ user | tojson }}", '"hello there"'),
        ("{{ ('[1, 2]' | from_json)[1] }}", "2"),
        ("{{ user | tokens }}", "2"),
        ("{{ user | b64 }}", "aGVsbG8gdGhlcmU="),
        ("{{ 'abc' | sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("{{ 'a' ~ 1 ~ none }} {{ '%s-%03d' | format('a', 5) }} {{ '%(x)s' % {'x': 1} }}", "a1None a-005 1"),
        ("{{ '{:>5}|{x}'.format(1, x=2) }} {{ '{a}'.format_map({'a': 1}) }}", "    1|2 1"),
        (
            "{% for x in [7, 8] %}{{ loop.index }}/{{ loop.length }}{{ '' if loop.last else ' ' }}{% endfor %}",
            "1/2 2/2",
        ),
        ("{% for x in range(5) if x is odd %}{{ x }}{% else %}none{% endfor %}", "13"),
        ("{% for a, b in {'x': 1}.items() %}{{ a }}{{ b }}{% endfor %}{% set c, d = 1, 2 %}{{ c + d }}", "x13"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}{{ m(2) | upper }}", "<1><2>"),
        ("{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"),
        ("{% set text %}a{{ 1 }}{% endset %}{{ text | replace('a', 'b') | center(6) }}|", "  b1  |"),
        ("{{ ['b', 'a'] | sort | join(', ') }} {{ ', '.join(['x', 'y']) }} {{ [1, 2] | sum }}", "a, b x, y 3"),
        (
            "{{ 'a-b'.split('-') | last }} {{ 'abc' | indent(2, first=true) }} {{ 'é'.encode('utf-8') | length }}",
            "b   abc 2",
        ),
        ("{{ 2 ** 10 }} {{ 'ab' * 3 }} {{ [0] * 2 }} {{ 7 % 4 }} {{ 3 * 4 }}", "1024 ababab [0, 0] 3 12"),
    ],
)
def test_what_a_template_can_say(source: str, expected: str) -> None:
    """Names, filters and Jinja's own means."""
    assert rendered(source) == expected


CALLED = [
    *HELLO,
    {
        "role": "assistant",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}},
            {"id": "c2", "type": "custom", "custom": {"name": "shell", "input": "ls -l"}},
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": '{"degrees": [3, 4]}'},
]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], "weather c1 {'city': 'Oslo'} {'degrees': [3, 4]}"),
        ([{"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "a b"}]}], "shell c2 ls -l a b"),
        ([{"role": "user", "content": "and?"}], "weather c1 {'city': 'Oslo'} {'degrees': [3, 4]}"),
        ([{"role": "tool", "tool_call_id": "c9", "content": "7"}], " c9  7"),
        (
            [
                {"role": "assistant", "function_call": {"name": "old", "arguments": "[1]"}},
                {"role": "function", "name": "old", "content": "ok"},
            ],
            "old  [1] ok",
        ),
    ],
)
def test_the_last_tool_exchange(more: list[dict[str, Any]], expected: str) -> None:
    """Its name, its arguments and its result, as values where they are JSON."""
    said = rendered("{{ tool.name }} {{ tool.id }} {{ tool.arguments }} {{ tool.result }}", messages=[*CALLED, *more])
    assert said == expected


def test_without_a_tool_exchange_there_is_no_tool() -> None:
    """As any other name that is not there."""
    assert failure("{{ tool.name }}") == "UndefinedError: 'tool' is undefined"
    assert rendered("{{ 'yes' if tool is defined else 'no' }}") == "no"


def test_faker_speaks_many_languages() -> None:
    """The one of the file's defaults, and any other by name; each is seeded apart."""
    both = rendered("{{ faker.name() }}|{{ faker.ja_JP.name() }}|{{ faker['de_DE'].city() }}")
    english, japanese, german = both.split("|")
    assert english.isascii()
    assert not japanese.isascii()
    assert rendered("{{ faker.de_DE.city() }}") == german
    assert rendered("{{ faker.city() }}|{{ faker.en_US.city() }}", locale="de_DE").startswith(german + "|")
    assert rendered("{{ faker.ja_JP.name() }}") == japanese
    assert failure("{{ faker.xx_XX.name() }}") == "ValueError: Faker has no locale 'xx_XX'"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ faker.nam() }}", "Faker has no 'nam'; did you mean 'name'?"),
        ("{{ faker['nam']() }}", "Faker has no 'nam'; did you mean 'name'?"),
        ("{{ faker.unique.emial() }}", "Faker has no 'emial'; did you mean 'email'?"),
        ("{{ faker.de_DE.citty() }}", "Faker has no 'citty'; did you mean 'city'?"),
        ("{{ faker.uniqe.name() }}", "Faker has no 'uniqe'; did you mean 'unique'?"),
        ("{{ faker.qqqqqqqq() }}", "Faker has no 'qqqqqqqq'"),
    ],
)
def test_what_faker_does_not_have_is_told_with_the_nearest_name(source: str, reason: str) -> None:
    """A misspelt method, by itself, of a modifier or of another locale."""
    assert failure(source) == f"UndefinedError: {reason}"
    assert rendered("{{ 'yes' if faker.nam is defined else 'no' }}") == "no"


def test_the_same_request_gets_the_same_in_any_order() -> None:
    """Nothing is left over from the request before: names, unique values, picked items."""
    source = (
        "{{ faker.name() }} {{ faker.unique.random_int(1, 9) }} {{ range(1000) | random }} {{ faker.fr_FR.name() }}"
    )
    users = ["a", "b", "c"]
    ask = {user: rendered(source, user=user) for user in users}
    assert {user: rendered(source, user=user) for user in reversed(users)} == ask
    assert len(set(ask.values())) == 3


def test_servers_in_one_process_do_not_share_a_faker() -> None:
    """Each thread has its own: a name is the same however many render at once."""
    expected = rendered("{% for i in range(50) %}{{ faker.name() }}{% endfor %}")
    found: list[str] = []

    def render() -> None:
        found.append(rendered("{% for i in range(50) %}{{ faker.name() }}{% endfor %}"))

    threads = [threading.Thread(target=render) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


TIME = "it takes more than 0.5 seconds of work"
TEXT = "it makes a text of more than 10,000,000 characters"
MADE = "it makes texts of more than 50,000,000 characters on the way"
VALUES = "it makes a list or mapping of more than 200,000 values"
NAMESPACE = "{% set n = namespace(s='x', l=[1]) %}{% for i in range(99) %}"

ENDLESS = [
    ("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", TIME),
    ("{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(100) }}", TIME),
    ("{% set b = 'x' * 9000000 %}{% for i in range(100000) %}{% if 'y' in b %}{% endif %}{% endfor %}", TIME),
    ("{{ faker.texts(100000, 100000) }}", TIME),
    ("{{ faker.json(num_rows=100000) }}", TIME),
    ("{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}", "nested too deeply"),
    ("{% for i in range(100000) %}" + "x" * 200 + "{{ i }}{% endfor %}", TEXT),
    ("{{ 'x' * 10**9 }}", TEXT),
    ("{{ 10**9 * [1] }}", TEXT),
    (NAMESPACE + "{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}", TEXT),
    (NAMESPACE + "{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}", TEXT),
    (NAMESPACE + "{% set n.l = n.l + n.l %}{% endfor %}{{ n.l }}", VALUES),
    (NAMESPACE + "{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}", VALUES),
    (NAMESPACE + "{% set n.l = (n.l, n.l) %}{% endfor %}{{ n.l }}", VALUES),
    (NAMESPACE + "{% set n.l = {'a': n.l, 'b': n.l} %}{% endfor %}{{ n.l }}", VALUES),
    (NAMESPACE + "{% set n.l = dict(a=n.l, b=n.l) %}{% endfor %}{{ n.l }}", VALUES),
    ("{% set x %}{% for i in range(100000) %}{{ 'x' * 100000 }}{% endfor %}{% endset %}{{ x }}", MADE),
    ("{{ range(100000) | map('center', 100000) | list | length }}", MADE),
    ("{{ ('{0}' * 300000).format('x' * 100000) }}", MADE),
    ("{{ ('%s' * 1000) % (('x' * 100000,) * 1000) }}", TEXT),
    ("{{ ('%(a)s' * 1000) % {'a': 'x' * 100000} }}", TEXT),
    ("{{ ('a' * 1000000).replace('a', 'b' * 100000) }}", TEXT),
    ("{{ ('a' * 1000000) | replace('a', 'b' * 100000) }}", TEXT),
    ("{{ ('a' * 1000000) | replace('', 'b' * 100000) }}", TEXT),
    ("{{ ('a' * 100000) | join('b' * 100000) }}", TEXT),
    ("{{ ('b' * 100000).join('a' * 100000) }}", TEXT),
    ("{{ ('\t' * 1000000).expandtabs(100000) }}", TEXT),
    ("{{ ('a' * 1000000).translate({97: 'b' * 100000}) }}", TEXT),
    ("{{ ('\\n' * 1000000) | indent(100000, blank=true) }}", TEXT),
    ("{{ ('a ' * 40000) | wordwrap(1, wrapstring='x' * 100000) }}", TEXT),
    ("{{ [[1]] * 100000 | sum(start=[]) }}", "'sum' adds numbers here"),
    ("{{ 9 ** 9999999 }}", "it makes a number of more than 10,000 bits"),
    ("{{ (9 ** 3000) * (9 ** 3000) }}", "it makes a number of more than 10,000 bits"),
    ("{{ 'x' | center(10**9) }}", "'center' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ 'x'.ljust(width=10**9) }}", "'ljust' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ (5).to_bytes(10**9) }}", "'to_bytes' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ [1] | batch(10**9, 'x') | list }}", "'batch' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ [1] | slice(10**9) | list }}", "'slice' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ 1.5 | round(10**9, 'ceil') }}", "'round' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ '%1000000000d' % 1 }}", "a width is at most 9999, and written in the format"),
    ("{{ '%*d' | format(10**9, 1) }}", "a width is at most 9999, and written in the format"),
    ("{{ '{:1000000000}'.format(1) }}", "a width is at most 9999, got '1000000000'"),
    ("{{ '{:{}}'.format(1, 10**9) }}", "a width is at most 9999, got '1000000000'"),
    ("{{ ([1] * 150000) | sort }}", "'sort' takes up to 100,000 items"),
    ("{{ ('x' * 200000) | wordwrap }}", "'wordwrap' takes texts of up to 100,000 characters"),
    (
        "{{ range(10000000) }}",
        "OverflowError: Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).",
    ),
    ("{{ faker.text(10**9) }}", "'faker.text' takes numbers up to 100,000 here, got 1e+09"),
    ("{{ faker.pystr(max_chars=10**9) }}", TIME),
    ("{{ faker.unique.pystr(10**6, 10**6) }}", "'faker.pystr' takes numbers up to 100,000 here, got 1e+06"),
]


@pytest.mark.parametrize(("source", "reason"), ENDLESS, ids=[source[:60] for source, _ in ENDLESS])
def test_every_template_ends(monkeypatch: pytest.MonkeyPatch, source: str, reason: str) -> None:
    """What would go on for ever, or take all memory, fails before it does; nothing catches that."""
    if reason != TIME:  # what a size ends shall not depend on how quick the machine is
        monkeypatch.setattr(allowance, "MAX_SECONDS", 60.0)
    assert failure(source) == reason


def test_the_time_is_that_of_the_whole_answer() -> None:
    """A hundred templates in one answer do not have a hundred times as long."""
    loop = Template("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")
    call = Call("chat", {"model": "gpt-4o", "messages": HELLO})
    scope = variables(call, {}, seconds=0, ordinal=1, chance=Draw(), content=lambda part: Draw(part), locale=None)
    with pytest.raises(TemplateFailure, match=TIME):
        loop.render(scope)
    with pytest.raises(TemplateFailure, match=TIME):
        Template("{% for i in [1] %}{% endfor %}").render(scope)


def test_namespaces_are_not_written_out() -> None:
    """One inside another inside another could be endless as text."""
    source = "{% set n = namespace(s=1) %}{% for i in range(99) %}{% set n.s = namespace(a=n.s, b=n.s) %}{% endfor %}"
    assert rendered(source + "{{ n.s }}") == "<Namespace>"


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_value_weighs_at_least_its_texts(value: Any) -> None:
    """So nothing written out is longer than about what it weighs."""
    texts: list[str] = []
    json.loads(json.dumps(value), object_pairs_hook=lambda pairs: texts.extend(key for key, _ in pairs))
    assert weight(value) >= sum(map(len, texts))


def test_a_value_that_stands_in_many_places_weighs_in_each() -> None:
    """Small in memory, endless as text."""
    value: Any = ["x"]
    for _ in range(10):
        value = [value, value]
    assert weight(value) > 2_000
    with pytest.raises(Exceeded, match=f"{MAX_VALUES:,}"):
        weight([value] * 200)


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ '' | attr('__class__') }}",
    "{{ [''] | map(attribute='__class__') | first }}",
    "{{ [''] | map('attr', '__class__') | first }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ ('{0.__class__}' | attr('format'))('') }}",
    "{{ (['{0.__class__.__init__.__globals__}'] | map(attribute='format') | first)() }}",
    "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ namespace.mro() }}",
    "{{ range.__self__ }}",
    "{{ dict.mro() }}",
    "{{ timedelta.__subclasses__() }}",
    "{{ now.__globals__ }}",
    "{{ uuid.__closure__ }}",
    "{{ uuid.func_globals }}",
    "{{ now().__reduce__() }}",
    "{{ request.__class__ }}",
    "{{ request.update({'model': 'x'}) }}",
    "{{ request.pop('model') }}",
    "{{ messages.append(1) }}",
    "{{ messages.clear() }}",
    "{{ match._groups }}",
    "{{ match.__class__ }}",
    "{{ call.update(count=1) }}",
    "{{ faker._seeded }}",
    "{{ faker.factories }}",
    "{{ faker.generator }}",
    "{{ faker.random.__class__ }}",
    "{{ faker.add_provider('os') }}",
    "{{ faker.get_providers() }}",
    "{{ faker.provider('person') }}",
    "{{ faker.format('get_providers') }}",
    "{{ faker.parse('x') }}",
    "{{ faker.set_arguments('a', 'b', 1) }}",
    "{{ faker.seed_instance(1) }}",
    "{{ faker.unique.add_provider('os') }}",
    "{{ faker.unique.clear() }}",
    "{{ faker.unique._proxy }}",
    "{{ faker.optional.get_providers() }}",
    "{{ faker.name.__self__ }}",
    "{{ faker.name.__globals__ }}",
    "{{ faker.de_DE.generator }}",
    "{% for x in (1,) %}{{ loop._iterator }}{% endfor %}",
    "{{ ((1 for x in []) | list) }}",
    "{{ (messages | map('upper')).gi_frame }}",
    "{{ (messages | select).gi_code }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{{ ''.encode('idna') }}",
    "{{ 'x'.encode(encoding='zlib') }}",
    "{{ lipsum.__globals__ }}",
    "{{ config }}",
    "{{ environment }}",
    "{{ __import__('os') }}",
    "{{ import('os') }}",
    "{{ open('/etc/passwd') }}",
    "{% include '/etc/passwd' %}",
    "{% import '/etc/passwd' as x %}",
    "{% from '/etc/passwd' import x %}",
    "{% extends '/etc/passwd' %}",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_else_can_be_reached(source: str) -> None:
    """The known ways out of a sandbox end with a failure, and change nothing."""
    messages = [dict(message) for message in HELLO]
    with pytest.raises(TemplateFailure):
        rendered(source, messages=messages)
    assert messages == HELLO


def test_a_template_cannot_read_files() -> None:
    """It is told so when the file is loaded."""
    with pytest.raises(TemplateFailure, match="a template cannot read other files") as failed:
        Template("a\n{% include 'x' %}", Place("f.yaml", 7, 5))
    assert (failed.value.line, failed.value.place) == (2, Place("f.yaml", 7, 5))


@pytest.mark.parametrize("source", ["{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "{{ " + "-" * 5_000 + "1 }}"])
def test_a_template_that_is_too_deep_is_a_mistake(source: str) -> None:
    """It neither crashes nor hangs whoever loads it."""
    with pytest.raises(TemplateFailure, match="nested too deeply"):
        Template(source)


BLOCK = """\
stubs:
  - name: block
    match: {user: block}
    response: |
      One

      {{ nothing }}
  - name: folded
    match: {user: folded}
    response: >
      One

      {{ nothing }}
  - name: inside
    match: {user: inside}
    response:
      body:
        deep: ["{{ user }}",
               "{{ nothing }}"]
  - name: escaped
    match: {user: escaped}
    response: {text: "One\\n{{ nothing }}"}
"""


@pytest.mark.parametrize(
    ("user", "place"),
    [
        ("block", "stubs.yaml:7:1"),
        ("folded", "stubs.yaml:10:15, line 2 of the template"),
        ("inside", "stubs.yaml:19:16"),
        ("escaped", "stubs.yaml:22:22, line 2 of the template"),
    ],
)
def test_a_failure_tells_its_line(serve: Serve, tmp_path: Path, user: str, place: str) -> None:
    """Of the file where YAML keeps lines, else where the text begins and which line of it."""
    response = chat(serve(BLOCK), user)
    assert response.status_code == 500
    assert response.headers["x-should-retry"] == "false"
    assert response.json()["error"] == {
        "message": f"The template of the stub '{user}' ({tmp_path}/{place}) failed: "
        "UndefinedError: 'nothing' is undefined",
        "type": "server_error",
        "param": None,
        "code": "mockserver_template_failed",
    }


def test_a_mistake_in_a_template_tells_its_line(tmp_path: Path) -> None:
    """When the file is loaded."""
    file = tmp_path / "stubs.yaml"
    file.write_text("stubs:\n  - response: |\n      One\n      {{ 1 +\n      }}\n      {{ x | urlize }}\n")
    with pytest.raises(FixtureError) as failed:
        load([file])
    assert str(failed.value) == f"{file}:5:1: not a valid template: unexpected 'end of print statement'"
    file.write_text('stubs:\n  - response: {text: "{{ x | urlize }}"}\n')
    with pytest.raises(FixtureError) as failed:
        load([file])
    assert str(failed.value) == f"{file}:2:22: not a valid template: No filter named 'urlize'."


def test_a_server_goes_on_after_an_endless_template(serve: Serve) -> None:
    """One call gets its 500, the next its answer."""
    server = serve(
        """\
        stubs:
          - match: {user: loop}
            response: "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}"
          - response: fine
        """
    )
    failed = chat(server, "loop")
    assert (failed.status_code, failed.json()["error"]["code"]) == (500, "mockserver_template_failed")
    assert content(chat(server)) == "fine"


def test_a_file_says_which_faker_its_templates_have(serve: Serve) -> None:
    """`defaults: {locale: ...}`."""
    server = serve("defaults: {locale: ja_JP}\nstubs: [{response: '{{ faker.name() }}|{{ faker.en_US.name() }}'}]")
    japanese, english = content(chat(server)).split("|")
    assert not japanese.isascii()
    assert english.isascii()


@pytest.mark.parametrize(
    ("locale", "hint"), [("de-DE", "; did you mean 'de_DE'?"), ("german", ""), ("pt", "; did you mean 'pt_BR'?")]
)
def test_an_unknown_locale_is_a_mistake(tmp_path: Path, locale: str, hint: str) -> None:
    """With the nearest one there is."""
    file = tmp_path / "stubs.yaml"
    file.write_text(f"defaults: {{locale: {locale}}}\nstubs: [{{response: x}}]")
    with pytest.raises(FixtureError) as failed:
        load([file])
    expected = f"{file}:1:20: expected a locale of Faker such as de_DE, got '{locale}'{hint}"
    assert str(failed.value) == expected
