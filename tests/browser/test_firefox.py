"""The smoke test in the system's Firefox, where there is one, over WebDriver BiDi:
Playwright drives only one of its own.
"""

import json
import re
import shutil
import subprocess
from contextlib import contextmanager
from itertools import count

import pytest

from .conftest import without

pytestmark = pytest.mark.browser

CHAPTER = "chapters/4_3_2_crash_it_everywhere.html"
UNTIL = """const until = async condition => {
    for (let tries = 0; tries < 600 && !condition(); tries++) await new Promise(resolve => setTimeout(resolve, 100));
  };
"""
CHALLENGE = """async () => {
  const figure = document.querySelector('.ft-live'), find = part => figure.querySelector(part);
  const press = words => [...figure.querySelectorAll('button')].find(button => button.textContent === words).click();
  const solved = () => find('.ft-challenge strong').textContent, found = () => /33 runs tried/.test(find('.ft-hands').textContent);
  await until(() => figure.matches('.ft-alive'));
  find('.ft-story').open = true;
  for (const button of figure.querySelectorAll('.ft-put')) {
    button.click();
    if (/Decision to p1 is lost/.test(find('dialog').textContent)) break;
    press('Close');
  }
  [...find('dialog').querySelectorAll('button')].find(button => /Decision to p1 is lost/.test(button.textContent)).click();
  await until(solved);
  const byHand = solved(), chip = () => find('.ft-faults li span')?.textContent, put = chip();
  press('Reset');
  press('Find the shortest');
  await until(found);
  return JSON.stringify({ byHand, put, found: found(), again: chip() });
}"""
SMOKE = """async () => {
  const figure = document.querySelector('.ft-live[data-table]:not([data-complete])');
  const find = part => figure.querySelector(part);
  const verdict = () => find('figcaption').textContent, first = verdict(), range = find('input[type=range][data-dial]');
  const move = (input, value) => { input.value = value; input.dispatchEvent(new Event('input')); };
  figure.scrollIntoView();
  await until(() => globalThis.ftTables?.[figure.dataset.table.split('#')[1]]);
  move(range, range.value === '0' ? 1 : 0);
  const table = [verdict(), find('.ft-source').textContent];
  const select = find('select[data-dial]');
  select.focus();
  move(select, 1);
  await until(() => /by Python/.test(find('.ft-source').textContent));
  const python = [verdict(), find('.ft-source').textContent];
  find('[aria-label=First]').click();
  find('[aria-label=Next]').click();
  return JSON.stringify({ first, table, python, number: find('.ft-number').textContent, agent: navigator.userAgent });
}"""


@contextmanager
def firefox(profile):
    """Start a Firefox; give a function that sends it a command and returns the
    result.
    """
    websocket = pytest.importorskip("websocket")
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("no Firefox")
    command = [
        program,
        "--headless",
        "--no-remote",
        "--profile",
        str(profile),
        "--remote-debugging-port=0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = next(
                (
                    found
                    for line in process.stderr
                    if (found := re.search(r"ws://127\.0\.0\.1:\d+", line))
                ),
                None,
            )
            if told is None:
                without("Firefox that starts")
            socket = websocket.create_connection(
                f"{told[0]}/session", timeout=90, suppress_origin=True
            )
            numbers = count(1)

            def send(method, **params):
                number = next(numbers)
                socket.send(
                    json.dumps({"id": number, "method": method, "params": params})
                )
                while (answer := json.loads(socket.recv())).get("id") != number:
                    pass
                assert answer["type"] == "success", answer
                return answer["result"]

            send("session.new", capabilities={})
            yield send
            socket.close()
        finally:
            process.terminate()


def test_a_chapter_in_firefox(book, tmp_path):
    with firefox(tmp_path) as send:
        context = send("browsingContext.getTree")["contexts"][0]["context"]

        def seen_on(page, script):
            url = book + page
            send("browsingContext.navigate", context=context, url=url, wait="complete")
            call = {
                "functionDeclaration": script.replace("{", "{" + UNTIL, 1),
                "awaitPromise": True,
                "target": {"context": context},
            }
            answer = send("script.callFunction", **call)
            assert answer["type"] == "success", answer
            return json.loads(answer["result"]["value"])

        seen = seen_on(CHAPTER, SMOKE)
        by_hand = seen_on("book/index.html", CHALLENGE)
    lost = "coordinator's first Decision to p1 is lost"
    assert by_hand["byHand"] == "Solved in 1, the least there is."
    assert (by_hand["put"], by_hand["again"], by_hand["found"]) == (lost, lost, True)
    assert "Firefox" in seen["agent"]
    assert seen["table"][0] != seen["first"]
    assert seen["table"][1] == "", "what the page brings needs no word"
    assert seen["python"][0] != seen["table"][0]
    assert re.fullmatch(
        r"Computed by Python in this page, in \d+ ms\.", seen["python"][1]
    )
    assert re.match(r"1 / \d+$", seen["number"])
