"""Sentences that read like the descriptions of projects: long, varied, with commas, quotes and accents."""

from __future__ import annotations

import functools

import numpy as np

from tests.made.draw import below

_VERBS = (
    "supports|strengthens|finances|expands|monitors|evaluates|improves|"
    "provides technical assistance to|trains|builds the capacity of|rehabilitates|"
    "procures equipment for|coordinates|promotes|assists|protects"
).split("|")
_WHO = (
    "municipal governments|smallholder farmers, cooperatives and rural families|"
    "health workers and volunteers|national police units|displaced persons and their host communities|"
    "women-led enterprises|indigenous federations|secondary schools|border and customs officials|"
    "prosecutors, judges and public defenders|water user associations|civil society organisations|"
    "young people aged 15 to 24|independent media|park guards|regional hospitals|electoral authorities|"
    "small and medium enterprises|universities and research institutes|ministries of agriculture"
).split("|")
_WHAT = (
    "alternative development|maternal and child health|malaria control|the rule of law|"
    "food security and nutrition|anti-corruption|climate adaptation|basic education|"
    "eradication and interdiction|HIV prevention, care and treatment|disaster preparedness|"
    "trade facilitation|forest governance|water, sanitation and hygiene|tax administration|"
    "clean energy|demining|the reintegration of former combatants|labour rights|"
    "protection of witnesses and victims|access to credit|early grade reading|"
    "cocoa, coffee and palm value chains|vaccine supply chains"
).split("|")
_WHERE = (
    "San Martín and Ucayali|the VRAEM|Huánuco, Junín and Pasco|Nariño and Putumayo|five provinces|"
    "the highlands|Port-au-Prince|rural districts|the Petén|coastal municipalities|"
    "São Tomé and Príncipe|Yaoundé|Bogotá, D.C.|Côte d'Ivoire's northern border|the Northern Triangle|"
    "Kandahar and Helmand|Lviv, Kyiv and Odesa|Kivu|Darfur"
).split("|")
_HOW = (
    "through grants, training and technical assistance|"
    'with the ministry of health and its regional offices|under the programme known as "Alianza"|'
    "by means of small grants (up to $25,000 each)|in partnership with the private sector|"
    "as agreed in the bilateral accord of 2009|"
    "with cost sharing of 20% by the host government; see award for details|"
    'as part of the "whole-of-government" strategy|in line with the five-year plan, as amended|'
    "in order to lower the number of families who depend on coca|so that services reach the last mile|"
    "with local partners"
).split("|")
POOL = 4_096
_OPENINGS = (
    "The activity|This project|The award|The programme|USG funding|This cooperative agreement|"
    "The contractor|The grant"
).split("|")


@functools.cache
def sentences() -> tuple[str, ...]:
    """Return the pool of sentences, the same for every seed."""
    index = np.arange(POOL, dtype=np.int64)
    lists = (_OPENINGS, _VERBS, _WHO, _WHAT, _WHERE, _HOW)
    drawn = [below(7, f"sentence {n}", index, len(words)) for n, words in enumerate(lists)]
    told = []
    for n in range(POOL):
        opening, verb, who, what, where, how = (words[drawn[k][n]] for k, words in enumerate(lists))
        match n % 4:
            case 0:
                one = f"{opening} {verb} {who} for {what} in {where} {how}."
            case 1:
                one = f"{opening} {verb} {who} {how}."
            case 2:
                one = f"{opening} {verb} {who} in {where}."
            case _:
                one = f"It {verb} {who} for {what}, {how}, in {where}."
        told.append(one)
    return tuple(told)


@functools.cache
def titles() -> tuple[str, ...]:
    """Return the pool of titles; some hold commas, quotes or accents."""
    told = [f"{what[0].upper()}{what[1:]} in {where}" for what in _WHAT for where in _WHERE]
    return tuple(one if n % 9 else f'"{one}" Phase {n % 4 + 1}' for n, one in enumerate(told))
