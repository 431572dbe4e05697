"""Each patch of deploy/pjsua2/patches has a test here that fails without it; deploy/pjsua2/prove.sh shows that."""

import shutil

import pytest
from conftest import Scenario


def test_01_call_destructor(scenario: Scenario) -> None:
    scenario("call_destructor")


def test_02_player_eof(scenario: Scenario) -> None:
    scenario("player_eof")


def test_02_player_eof_thread(scenario: Scenario) -> None:
    scenario("player_eof_thread")


def test_03_dtls_stall(scenario: Scenario) -> None:
    scenario("dtls_stall")


def test_04_ice_loopback(scenario: Scenario) -> None:
    scenario("ice_loopback")


def test_05_refer_accepted(scenario: Scenario) -> None:
    scenario("refer_accepted")


def test_05_refer_ends_with_call(scenario: Scenario) -> None:
    scenario("refer_ends_with_call")


def test_05_refer_declined(scenario: Scenario) -> None:
    scenario("refer_declined")


def test_06_callback_result(scenario: Scenario) -> None:
    scenario("callback_result")


def test_07_wait_descriptor(scenario: Scenario) -> None:
    scenario("wait_descriptor")


def test_08_unhandled_request(scenario: Scenario) -> None:
    scenario("unhandled_request")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_09_dtls_key(scenario: Scenario) -> None:
    scenario("dtls_key")


def test_10_bridge_listeners(scenario: Scenario) -> None:
    scenario("bridge_listeners")


def test_11_rtp_read_start(scenario: Scenario) -> None:
    scenario("rtp_read_start")


def test_12_rtp_ports(scenario: Scenario) -> None:
    scenario("rtp_ports")


def test_13_endpoint_director(scenario: Scenario) -> None:
    scenario("endpoint_director")


def test_14_rtp_source(scenario: Scenario) -> None:
    scenario("rtp_source")


def test_15_rtp_turns(scenario: Scenario) -> None:
    scenario("rtp_turns")


def test_16_dialog_lookup(scenario: Scenario) -> None:
    scenario("dialog_lookup")


def test_17_no_messages(scenario: Scenario) -> None:
    scenario("no_messages")


def test_18_info_dtmf(scenario: Scenario) -> None:
    scenario("info_dtmf")


def test_19_text_stream(scenario: Scenario) -> None:
    scenario("text_stream")


def test_20_ssrc_attribute(scenario: Scenario) -> None:
    scenario("ssrc_attribute")
