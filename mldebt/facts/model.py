"""What one file says, in values that mean nothing outside it.

A `Facts` is the whole contract between reading and linking: it depends on the text of one file alone, so it can be cached by
content and made in any process. Values form one table per file; a value refers to another by its index. Line and column numbers
start at 1; in a notebook they are those of the joined code cells until `places` maps them to the .ipynb file.
"""

from __future__ import annotations

import msgspec

FACTS_VERSION = 11


class Span(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """A region of a file, both ends included for lines, the end column excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


class _Value(msgspec.Struct, frozen=True, array_like=True, gc=False):
    pass


class Const(_Value, tag=0):
    """A literal."""

    value: None | bool | int | float | str


class Name(_Value, tag=1):
    """An imported or built-in object: `pandas.read_csv`, `builtins.len`, or relative, `.utils.load` (dots as in the import)."""

    name: str


class Bound(_Value, tag=2):
    """Any value that `name` is bound to in `scope` (module, class or enclosing function), read from another scope."""

    scope: int
    name: str


class Param(_Value, tag=3):
    """The argument that a caller passes."""

    scope: int
    name: str


class Attr(_Value, tag=4):
    base: int
    name: str


class Item(_Value, tag=5):
    base: int
    key: int


class Call(_Value, tag=6):
    """The result of a call; keywords are (name, value), with the name `**` for an unpacked mapping."""

    func: int
    args: tuple[int, ...]
    keywords: tuple[tuple[str, int], ...]


class Op(_Value, tag=7):
    """An operator: `+ - not and or == in is ?:` ...; `?:` has (test, then, else)."""

    op: str
    operands: tuple[int, ...]


class Template(_Value, tag=8):
    """An f-string; the constant parts are `Const`."""

    parts: tuple[int, ...]


class Seq(_Value, tag=9):
    """A list, tuple or set display; `kind` is `list`, `tuple`, `set`, or `comp` for a comprehension (its element only)."""

    kind: str
    items: tuple[int, ...]


class Map(_Value, tag=10):
    """A dict display; the key is -1 for an unpacked mapping."""

    keys: tuple[int, ...]
    values: tuple[int, ...]


class Phi(_Value, tag=11):
    """One of several values, by the path taken. May refer to itself through a loop."""

    options: tuple[int, ...]


class Elem(_Value, tag=12):
    """An element of an iterable (loop variable, unpacking)."""

    of: int


class Def(_Value, tag=13):
    """A function, class or lambda of this file."""

    scope: int


class Store(_Value, tag=14):
    """`base` after `base[key] = value` (`how` is `[]`) or after a mutating method (`how` is its name, `key` is -1)."""

    base: int
    how: str
    key: int
    value: int


class Star(_Value, tag=15):
    value: int


class Unknown(_Value, tag=16):
    why: str


Value = Const | Name | Bound | Param | Attr | Item | Call | Op | Template | Seq | Map | Phi | Elem | Def | Store | Star | Unknown


class Binding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    value: int
    span: Span
    block: int
    how: str = "="  # = for with except import def class augmented del


class Parameter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    name: str
    default: int  # -1: none
    kind: str  # posonly, pos, kw, *, **
    annotation: int = -1
    span: Span | None = None


class Scope(msgspec.Struct, frozen=True, array_like=True):
    """A module (index 0), class, function or lambda."""

    kind: str
    name: str
    qualname: str
    parent: int
    block: int  # the block in which it is defined
    span: Span
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[int, ...] = ()
    bases: tuple[int, ...] = ()  # of a class; keywords such as metaclass left out
    bindings: dict[str, tuple[Binding, ...]] = {}
    returns: tuple[int, ...] = ()
    names: tuple[str, ...] = ()  # identifiers read directly in it (not in nested defs): names and attributes
    strings: tuple[str, ...] = ()  # identifiers that stand alone in a string: keys, columns, perhaps names of functions
    qualified: tuple[str, ...] = ()  # imported objects read in it, by their dotted names; not among `names`
    dotted: tuple[str, ...] = ()  # last parts of dotted strings: "package.module.function", "module:function"
    unread: tuple[str, ...] = ()  # of a function: own variables that nothing reads, nested functions included
    stub: str = ""  # body is only: "pass", "raise" (NotImplementedError), "docstring", "..."
    generator: bool = False
    digest: str = ""  # of the normalised body text


class Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A run of statements under one condition."""

    parent: int  # -1: the file
    kind: str  # module function class if else while for try except finally with case loop-else
    scope: int
    guard: int = -1  # index of the guard that decides it
    loop: bool = False


class Guard(msgspec.Struct, frozen=True, array_like=True):
    """A condition and what it decides. `body` is what runs when it holds, `orelse` when it does not."""

    test: int
    kind: str  # if elif while ifexp assert
    scope: int
    block: int  # where the test is evaluated
    span: Span  # of the test
    body: Span
    orelse: Span | None = None
    body_block: int = -1
    orelse_block: int = -1
    orelse_is_elif: bool = False
    text: str = ""  # of the test, blanks folded, at most 120 characters
    earlier: tuple[int, ...] = ()  # guards of the same if chain before this one


class Site(msgspec.Struct, frozen=True, array_like=True):
    """A call in the text: `value` is its `Call`."""

    value: int
    span: Span
    scope: int
    block: int
    statement: bool = False  # the result is thrown away
    target: str = ""  # name that the result is bound to directly


class Compare(msgspec.Struct, frozen=True, array_like=True):
    """One `<`, `<=`, `>` or `>=` in the text: `value` is its `Op`, `span` the whole comparison, all links of a chain included."""

    value: int
    span: Span
    scope: int
    block: int
    text: str = ""  # of the whole comparison as for a guard: an operand's value does not say what it is called here


class Use(msgspec.Struct, frozen=True, array_like=True):
    """An attribute or subscript chain, or a module-level name, that is read: the longest chain at that place."""

    value: int
    span: Span
    scope: int
    block: int


class Write(msgspec.Struct, frozen=True, array_like=True):
    """`base.name = value` (key -1) or `base[key] = value` (name empty)."""

    base: int
    name: str
    key: int
    value: int
    span: Span
    scope: int
    block: int


class Import(msgspec.Struct, frozen=True, array_like=True):
    """`target` is the dotted module or object, with its dots when relative; `name` is what it is called here (`*` for all)."""

    target: str
    name: str
    module: str  # the module part of `target`
    span: Span
    scope: int
    block: int
    optional: bool = False  # inside try/except or a type-checking guard


class Dead(msgspec.Struct, frozen=True, array_like=True):
    """Statements that control flow cannot reach, whatever the values."""

    span: Span
    scope: int
    why: str  # return raise continue break exit, except (an earlier clause takes it)
    after: Span


class Raise(msgspec.Struct, frozen=True, array_like=True):
    """A `raise` of `value` (-1: bare); `alone` when it is all that its block does."""

    value: int
    span: Span
    scope: int
    block: int
    alone: bool


class Handler(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An `except` clause."""

    block: int
    tried: int  # the block of the `try` part
    scope: int
    span: Span
    broad: bool  # takes every exception: bare, `Exception` or `BaseException`
    ends: str = ""  # how control leaves it: return raise continue break exit; empty when it falls through
    returns: tuple[int, ...] = ()  # the values that it returns


class Undefined(msgspec.Struct, frozen=True, array_like=True):
    """A name read that nothing in the file, the built-ins or a star import can bind."""

    name: str
    span: Span
    scope: int
    block: int


class CommentedCode(msgspec.Struct, frozen=True, array_like=True):
    """A run of comment lines (or one trailing comment) that parses as code."""

    span: Span
    statements: int
    kind: str  # block, trailing, former list (items of the list beside it)
    head: str  # its first line, for messages
    before: str = ""  # the prose comment above it, if any


class DebtComment(msgspec.Struct, frozen=True, array_like=True):
    """A comment in which the author admits debt."""

    line: int
    word: str  # in lower case: todo, for now, must match ...
    text: str = ""  # of the comment, at most 200 characters


class Suppression(msgspec.Struct, frozen=True, array_like=True):
    """`# mldebt: ignore[...]` or `accept[...]`; covers `span`, the statement that it stands on or above."""

    kind: str  # ignore, accept, malformed
    rules: tuple[str, ...]
    reason: str
    until: str  # ISO date or ""
    line: int
    column: int
    span: Span


class Consumes(msgspec.Struct, frozen=True, array_like=True):
    """`# mldebt: consumes ...`: the file declares that it reads an artifact."""

    identity: str
    owner: str
    until: str  # ISO date or ""
    line: int


class Setting(msgspec.Struct, frozen=True, array_like=True):
    """A leaf of a configuration file, or one assignment of an environment file. List items have their index as a key."""

    keys: tuple[str, ...]
    value: None | bool | int | float | str
    line: int


class Command(msgspec.Struct, frozen=True, array_like=True):
    """A command that a shell script, Makefile, Dockerfile, workflow or notebook runs; `env` are its own assignments."""

    argv: tuple[str, ...]
    line: int
    env: tuple[tuple[str, str], ...] = ()
    cwd: str = ""  # the folder it runs in, relative to where the script, workflow ... starts


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a line of the joined cells stands in the .ipynb file. `cell` and `cell_line` start at 1."""

    line: int
    cell: int
    cell_line: int


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """One SQL statement. Names stand with the line on which they are used; see `mldebt.facts.sql.statements` for their spelling."""

    kind: str = "unknown"  # select insert create create-as model update delete merge truncate rename copy load export put cache other
    reads: tuple[tuple[str, int], ...] = ()
    writes: tuple[tuple[str, int], ...] = ()
    models_read: tuple[tuple[str, int], ...] = ()
    models_written: tuple[tuple[str, int], ...] = ()
    # output names of the outermost select list, of a model also what they are made of, of an update what it sets; empty when not known
    columns: tuple[str, ...] = ()
    star: bool = False
    bounded: bool = False  # filtered by a time or partition, or reads a past state
    mode: str = ""  # overwrite, append, create
    line: int = 1
    failed: str = ""  # why it was not parsed; names are then those that follow FROM, JOIN and INTO
    asked: tuple[str, ...] = ()  # of the models that it reads those that it asks for predictions
    learner: str = ""  # of a model that it trains: its type, in lower case
    without: tuple[str, ...] = ()  # columns that its stars leave out
    functions: tuple[str, ...] = ()  # called, and known to no parser; of a model that it trains: under which it is called


class MakeRule(msgspec.Struct, frozen=True, array_like=True):
    """One rule of a Makefile, its variables filled in where the file sets them."""

    targets: tuple[str, ...]
    needs: tuple[str, ...]
    recipe: str
    line: int


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """Everything that later stages know of one file."""

    language: str
    lines: int = 0
    unread: str = ""  # why it could not be read; everything else is then empty
    partly: str = ""  # which part could not be read; the facts are those of the rest
    values: tuple[Value, ...] = ()
    scopes: tuple[Scope, ...] = ()
    blocks: tuple[Block, ...] = ()
    guards: tuple[Guard, ...] = ()
    sites: tuple[Site, ...] = ()
    uses: tuple[Use, ...] = ()
    writes: tuple[Write, ...] = ()
    imports: tuple[Import, ...] = ()
    dead: tuple[Dead, ...] = ()
    raises: tuple[Raise, ...] = ()
    undefined: tuple[Undefined, ...] = ()
    commented: tuple[CommentedCode, ...] = ()
    debt_comments: tuple[DebtComment, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    settings: tuple[Setting, ...] = ()
    commands: tuple[Command, ...] = ()
    exports: tuple[str, ...] | None = None  # __all__
    open_names: bool = False  # names of the module may come from elsewhere: a star import, `exec`, `globals()`
    places: tuple[Place, ...] = ()  # of a notebook, by line of the joined cells
    shingles: tuple[int, ...] = ()  # 32-bit hashes of the code lines, in order
    words: tuple[str, ...] = ()  # of a file that is not Python: identifier-like words in it
    outline: tuple[int, ...] = ()  # line number << 32 | hash, of the lines that do something
    consumes: tuple[Consumes, ...] = ()
    handlers: tuple[Handler, ...] = ()
    statements: tuple[Statement, ...] = ()  # of SQL
    rules: tuple[MakeRule, ...] = ()  # of a Makefile
    compares: tuple[Compare, ...] = ()
    paths: tuple[Setting, ...] = ()  # of a Makefile or shell script: variables that are given a path, as it is written
