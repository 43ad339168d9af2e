"""A message as chat templates read it: thoughts, calls and the answer to a call under the names that models' templates use."""

from __future__ import annotations

import seodang


def test_what_people_wrote_goes_through_the_text_and_calls_do_not():
    call = seodang.Call(id="c1", name="weather", arguments='{"city": "서울"}')
    message = seodang.Message("assistant", "잠시만요.", thinking="날씨를 묻는다", calls=(call,))
    assert seodang.chat_turn(message, lambda text: f"<{text}>") == {
        "role": "assistant",
        "content": "<잠시만요.>",
        "reasoning_content": "<날씨를 묻는다>",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": {"city": "서울"}}}],
    }


def test_arguments_that_are_no_json_stay_as_they_are():
    message = seodang.Message("assistant", "", calls=(seodang.Call(id="c1", name="weather", arguments="서울"),))
    assert seodang.chat_turn(message)["tool_calls"][0]["function"]["arguments"] == "서울"


def test_an_answer_to_a_call_names_it():
    told = seodang.chat_turn(seodang.Message("tool", "맑음", call_id="c1"))
    assert told == {"role": "tool", "content": "맑음", "tool_call_id": "c1"}
