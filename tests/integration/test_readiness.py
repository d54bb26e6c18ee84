# ---- the role


SHOWN = "ngcp.fax.fleet : Show who would not receive a fax"


def _fleet(folder: pathlib.Path, numbers: range) -> tuple[str, ...]:
    write_csv(folder / "fleet.csv", [row(number) for number in numbers])
    return ("-e", "fleet_file=fleet.csv", "-e", "fleet_check_readiness=true")


def test_the_role_lists_those_who_would_not_receive(playbooks: Playbooks, simulator: Simulator) -> None:
    """The run writes what the file says, and the list tells what is missing then."""
    provision(simulator, range(1, 11))
    simulator.add_fax_forwards(range(1, 9))
    simulator.change_settings(FAX, 3, active=False)
    simulator.lock_subscriber(4)
    options = _fleet(playbooks.folder, range(1, 11))
    checked = playbooks.playbook("ngcp.fax.fleet", *options, check=True).succeeded()
    assert checked.result(SHOWN)["msg"] == [
        "10 subscribers: receives 6 yes, 3 no, 1 unknown",
        "subscriber                      receives  why",
        "user0003@pbx.example.org (3)    no        service_inactive",
        "user0009@fax.example.com (9)    no        forward_missing",
        "user0010@voip.example.net (10)  no        forward_missing",
        "user0004@fax.example.com (4)    unknown   subscriber_not_active",
    ]
    assert writes(simulator) == []
    run = playbooks.playbook("ngcp.fax.fleet", *options).succeeded()
    assert run.result(SHOWN)["msg"][0] == "10 subscribers: receives 7 yes, 2 no, 1 unknown"
    assert len(writes(simulator)) == 1
    assert list(run.statuses)[-1] == "ngcp.fax.fleet : Show the summary"


def test_the_role_does_not_look_without_being_asked(playbooks: Playbooks, simulator: Simulator) -> None:
    provision(simulator, range(1, 4))
    run = playbooks.playbook("ngcp.fax.fleet", *_fleet(playbooks.folder, range(1, 4))[:2]).succeeded()
    assert SHOWN not in run.statuses
    assert simulator.count("GET", "cfmappings|capabilities|platforminfo") == 0


def test_a_run_of_the_role_that_failed_lists_them_too(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.fault("status", status=422, method="PATCH", path="/faxserversettings/2$")
    options = _fleet(playbooks.folder, range(1, 4))
    run = playbooks.playbook("ngcp.fax.fleet", *options).failed()
    assert run.result(SHOWN)["msg"][0] == "3 subscribers: receives 0 yes, 3 no"
    wrong = playbooks.playbook("ngcp.fax.fleet", *options, "-e", "fleet_waves=[]").failed()
    assert SHOWN not in wrong.statuses


def test_what_the_role_cannot_find_out_never_fails_the_run(playbooks: Playbooks, simulator: Simulator) -> None:
    provision(simulator, range(1, 4))
    simulator.fault("status", status=503, path="/cfmappings/")
    run = playbooks.playbook(
        "ngcp.fax.fleet", *_fleet(playbooks.folder, range(1, 4)), environment={"NGCP_API_RETRIES": "0"}
    ).succeeded()
    (line,) = run.result(SHOWN)["msg"]
    assert "503" in line


def test_the_role_with_an_inventory(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, [1, 2])
    CAUSES["forward_missing"](simulator, 2)
    hosts = {
        f"user000{n}@{d}": {"fleet_fax": {"active": True}} for n, d in ((1, "fax.example.com"), (2, "voip.example.net"))
    }
    (playbooks.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    options = ("-i", "hosts.json", "-e", "fleet_from_inventory=true", "-e", "fleet_check_readiness=true")
    run = playbooks.playbook("ngcp.fax.fleet", *options, cwd=playbooks.folder).succeeded()
    assert run.result(SHOWN)["msg"][2] == "user0002@voip.example.net (2)  no        forward_missing"
