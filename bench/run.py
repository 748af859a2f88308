"""One run: real PostgreSQL and Redis, the sections asked for in their order, the figures kept after each step."""

from functools import cache

from tqdm import tqdm

from bench.figures import Figures
from bench.ground import Ground, ground
from bench.plan import Plan

BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}] {desc}"


def run(plan: Plan, chosen: list[str], figures: Figures) -> None:
    """Measures these sections of the plan into `figures`."""
    with ground() as own:
        _measure(plan, chosen, figures, own)


def _measure(plan: Plan, chosen: list[str], figures: Figures, own: Ground) -> None:
    from bench import command, inbox, pages, posting, writers
    from bench.about import about
    from bench.delivery import Delivery, setting_for, systems_in
    from bench.town import Town

    figures.go_on(about(own.postgres.url, own.redis.url))
    with setting_for({plan.sockets(name) for name in chosen} - {0}, own) as setting:
        systems = systems_in(setting)
        delivery = Delivery(plan, setting, systems, own.redis.pid, figures.record)
        town = cache(lambda: Town(own))
        steps = {
            **delivery.sections(),
            "command": command.steps(setting.scribe, own, plan, figures.record),
            "posting": posting.steps(town, plan, figures.record),
            "pages": pages.steps(town, systems[0], plan, own.redis.pid, figures.record),
            "sqlite": writers.steps(own.directory, plan, figures.record),
            "inbox": inbox.steps(plan, figures.record),
        }
        try:
            _do({name: list(steps[name]) for name in plan.sections if name in chosen}, figures)
        finally:
            delivery.disperse()


def _do(sections: dict[str, list], figures: Figures) -> None:
    with tqdm(total=sum(map(len, sections.values())), unit="step", bar_format=BAR) as bar:
        for name, steps in sections.items():
            figures.begin(name)
            for label, step in steps:
                bar.set_description_str(f"{name}: {label}")
                step()
                figures.save()
                bar.update()
