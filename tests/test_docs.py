# Copyright (c) AULLM-MM contributors.
"""What the documentation names is there: files, commands with their flags, code."""
import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from mmengine.config import Config

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (*ROOT.glob('*.md'), *ROOT.glob('docs/*.md'),
                                 *ROOT.glob('examples/*/*.md')))
CODE_FOLDERS = ('aullm_mm', 'configs', 'docs', 'examples', 'requirements', 'tests',
                'tools')
FENCE = re.compile(r'^```(\w*)[^\n]*\n(.*?)^```', re.MULTILINE | re.DOTALL)
SCRIPT = re.compile(r'(?:^|[\s/])python[\d.]*\s+((?:tools|examples)/\S+\.py)([^\n]*)')
ENDS = {'&&', '||', '|', ';', '>', '>>', '2>&1', '&'}


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    return FENCE.findall(page.read_text(encoding='utf-8'))


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub('', page.read_text(encoding='utf-8'))


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """Script and arguments of every command that runs a script of the repository."""
    shell = [text for language, text in blocks(page) if language != 'python']
    inline = [re.sub(r'\s+', ' ', t) for t in re.findall(r'`([^`]+)`', prose(page))]
    found = []
    for text in (*shell, *inline):
        for script, rest in SCRIPT.findall(text.replace('\\\n', ' ')):
            arguments = shlex.split(rest, comments=True)
            end = next((i for i, a in enumerate(arguments) if a in ENDS), None)
            found.append((script, arguments[:end]))
    return found


def test_commands_are_found_in_blocks_and_in_text(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('Run `python tools/a.py --x`:\n```bash\n.venv/bin/python '
                    'tools/b.py c \\\n    --d 1 | tail\n```\n', encoding='utf-8')
    assert commands(page) == [('tools/b.py', ['c', '--d', '1']),
                              ('tools/a.py', ['--x'])]


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_file_named_is_there(page):
    named = [word for code in re.findall(r'`([^`]+)`', prose(page))
             for word in code.split() if word.split('/')[0] in CODE_FOLDERS]
    paths = [ROOT / word.rstrip('.,:;') for word in named
             if '/' in word and not set(word) & set('<>*{}$')]
    links = re.findall(r'\]\(([^)\s]+)\)', prose(page))
    paths += [page.parent / link.split('#')[0] for link in links
              if '://' not in link and not link.startswith('#')]
    assert [str(path) for path in paths if not path.exists()] == []


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_command_is_understood(page, monkeypatch, capsys):
    monkeypatch.setenv('LOCAL_RANK', '0')  # train.py and test.py would set it
    for script, arguments in commands(page):
        assert (ROOT / script).is_file(), f'{script} is not there'
        missing = [a for a in arguments if a.split('/')[0] in CODE_FOLDERS
                   and '/' in a and not (ROOT / a).exists()]
        assert missing == [], f'{script} {arguments}'
        if arguments:  # a bare mention of a script is no command
            options = parse(script, arguments, monkeypatch, capsys)
            check_options(getattr(options, 'config', None),
                          getattr(options, 'cfg_options', None))


def parse(script, arguments, monkeypatch, capsys):
    """Let the script's own parser read the arguments; fails with its message."""
    spec = importlib.util.spec_from_file_location('documented_script', ROOT / script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr('sys.argv', [script, *arguments])
    try:
        return module.parse_args()
    except SystemExit as end:
        assert end.code == 0, capsys.readouterr().err
        return None


def check_options(config, options):
    """Every key of --cfg-options must stand in a part that the config has."""
    if not (config and options and (ROOT / config).is_file()):
        return
    for key in options:
        part = Config.fromfile(ROOT / config)
        *parents, _ = key.split('.')
        for name in parents:
            part = part[int(name) if isinstance(part, list) else name]


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_python_blocks_compile(page):
    for number, (language, text) in enumerate(blocks(page), start=1):
        if language == 'python':
            compile(text, f'{page.name}, block {number}', 'exec')


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_make_targets_are_in_the_makefile(page):
    text = page.read_text(encoding='utf-8')
    asked = set(re.findall(r'(?:`|^)make (?:[A-Z]+=\S+ )*([a-z-]+)', text, re.M))
    targets = set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.M))
    assert asked - targets == set()
