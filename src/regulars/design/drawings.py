"""The built-in drawings of rewards: the insides of SVGs of 160 × 120, coloured by class.

`a` is the tint's ink, `m` and `l` its middle and light tones, `p` paper, `h` honey; `line` and `ink-line`
are strokes. No drawing says anything by colour alone.
"""

_GROUND = '<ellipse class="l" cx="80" cy="104" rx="54" ry="6"/>'

DRAWINGS: dict[str, str] = {
    "goods": _GROUND
    + '<rect class="m" x="52" y="26" width="20" height="44" rx="8"/><rect class="a" x="57" y="13" width="10" height="18" rx="4"/>'
    '<rect class="p" x="52" y="42" width="20" height="14"/>'
    '<circle class="h" cx="98" cy="46" r="17"/><path class="a" d="M98 31c0-7 4-11 11-12 0 7-4 11-11 12z"/>'
    '<circle class="m" cx="80" cy="53" r="13"/>'
    '<path class="a" d="M34 60h92a3 3 0 0 1 3 3.6l-7.600 36A8 8 0 0 1 113.600 106H46.400a8 8 0 0 1-7.800-6.400L31 63.600A3 3 0 0 1 34 60z"/>'
    '<path class="line" d="M56 72l4 23M80 72v23M104 72l-4 23"/>',
    "fruit": _GROUND + '<circle class="a" cx="62" cy="72" r="28"/><circle class="h" cx="102" cy="78" r="23"/>'
    '<path class="m" d="M62 46c1-13 9-20 22-21-1 13-9 20-22 21z"/><path class="ink-line" d="M62 50c0-8-2-14-6-19"/>'
    '<circle class="l" cx="52" cy="63" r="6"/><circle class="p" cx="95" cy="70" r="4.500"/>',
    "bread": _GROUND
    + '<path class="a" d="M28 70c0-20 22-34 52-34s52 14 52 34c0 9-5 14-9 15v14a6 6 0 0 1-6 6H43a6 6 0 0 1-6-6V85c-4-1-9-6-9-15z"/>'
    '<path class="m" d="M36 69c0-15 18-25 44-25s44 10 44 25c0 6-4 9-9 9v15a4 4 0 0 1-4 4H49a4 4 0 0 1-4-4V78c-5 0-9-3-9-9z"/>'
    '<path class="line" d="M60 58l10 16M80 55l10 16M100 58l8 13"/>',
    "coffee": _GROUND + '<path class="a" d="M40 50h66v24a28 28 0 0 1-28 28H68a28 28 0 0 1-28-28z"/>'
    '<path class="ink-line" d="M106 58h8a12 12 0 0 1 0 24h-10"/>'
    '<rect class="h" x="40" y="46" width="66" height="10" rx="5"/>'
    '<path class="line" d="M58 36c-5-7 5-10 0-18M74 36c-5-7 5-10 0-18M90 36c-5-7 5-10 0-18"/>',
    "cheese": _GROUND
    + '<path class="h" d="M26 66L108 30a30 30 0 0 1 26 34v2z"/><path class="a" d="M26 66h108v32a6 6 0 0 1-6 6H32a6 6 0 0 1-6-6z"/>'
    '<circle class="l" cx="54" cy="86" r="8"/><circle class="l" cx="92" cy="79" r="6"/><circle class="l" cx="114" cy="92" r="5"/>'
    '<circle class="p" cx="98" cy="52" r="6"/>',
    "cake": _GROUND + '<path class="a" d="M36 68a8 8 0 0 1 8-8h72a8 8 0 0 1 8 8v36H36z"/>'
    '<path class="p" d="M36 70a10 10 0 0 1 10-10h68a10 10 0 0 1 10 10c0 9-11 10-14.700 3-3.600 9-11 9-14.600 0-3.700 9-11 9-14.700 0-3.700 9-11 9-14.700 0-3.600 9-11 9-14.600 0C47 80 36 79 36 70z"/>'
    '<rect class="m" x="77" y="36" width="6" height="24" rx="2"/><path class="h" d="M80 16c6 7 8 10 8 13a8 8 0 0 1-16 0c0-3 2-6 8-13z"/>',
    "flowers": _GROUND
    + '<path class="ink-line" d="M80 104V62M80 92c-14-3-20-12-21-22M80 92c14-3 20-12 21-22"/>'
    '<g class="m"><circle cx="80" cy="36" r="9"/><circle cx="67" cy="46" r="9"/><circle cx="93" cy="46" r="9"/><circle cx="72" cy="60" r="9"/><circle cx="88" cy="60" r="9"/></g>'
    '<circle class="h" cx="80" cy="49" r="8"/><circle class="a" cx="50" cy="64" r="11"/><circle class="a" cx="110" cy="64" r="11"/>'
    '<circle class="h" cx="50" cy="64" r="4.500"/><circle class="h" cx="110" cy="64" r="4.500"/>',
    "mug": _GROUND
    + '<rect class="a" x="44" y="34" width="58" height="70" rx="10"/><path class="ink-line" d="M102 50h8a13 13 0 0 1 13 13v6a13 13 0 0 1-13 13h-8"/>'
    '<path class="h" d="M73 52l5.200 10.600 11.800 1.700-8.500 8.300 2 11.700L73 78.800l-10.500 5.500 2-11.700-8.500-8.300 11.800-1.700z"/>',
    "tote": _GROUND
    + '<path class="ink-line" d="M60 50V36a20 20 0 0 1 40 0v14"/><path class="a" d="M40 48h80l5 50a6 6 0 0 1-6 6H41a6 6 0 0 1-6-6z"/>'
    '<circle class="p" cx="80" cy="76" r="17"/><path class="h" d="M80 64l3.700 7.500 8.300 1.200-6 5.900 1.400 8.200-7.400-3.900-7.400 3.900 1.400-8.200-6-5.900 8.300-1.200z"/>',
    "voucher": _GROUND
    + '<path class="a" d="M26 42a6 6 0 0 1 6-6h96a6 6 0 0 1 6 6v12a10 10 0 0 0 0 20v16a6 6 0 0 1-6 6H32a6 6 0 0 1-6-6V74a10 10 0 0 0 0-20z"/>'
    '<path class="line dash" d="M104 46v42"/><path class="h" d="M66 47l6 12.100 13.400 2-9.700 9.400 2.300 13.300L66 77.500 54 83.800l2.300-13.300-9.700-9.400 13.400-2z"/>',
    "discount": _GROUND
    + '<path class="a" d="M80 22l10 7.500 12.500-1 4.500 11.700 11 6-1.500 12.400 6.800 10.500-8.300 9.400.3 12.500-12 3.600L98 104l-11.800-4.200L75 105.300l-8.500-9.200-12.400-1.600-2.200-12.300-9.700-8L46 62.300 42.100 50.400l9.900-7.600 2.800-12.200 12.500-.8z"/>'
    '<circle class="p" cx="69" cy="52" r="8"/><circle class="p" cx="95" cy="78" r="8"/><path class="line" d="M98 47L66 83"/>',
    "gift_card": _GROUND
    + '<rect class="m" x="40" y="30" width="92" height="60" rx="9" transform="rotate(7 86 60)"/><rect class="a" x="28" y="36" width="96" height="64" rx="9"/>'
    '<rect class="h" x="28" y="60" width="96" height="11"/><rect class="h" x="52" y="36" width="11" height="64"/>'
    '<path class="p" d="M57.500 60c-18 0-22-17-12-18.500 8-1 12 9 12 18.500zM57.500 60c0-9.500 4-19.500 12-18.500 10 1.500 6 18.500-12 18.500z"/>',
    "free_shipping": _GROUND
    + '<rect class="a" x="24" y="40" width="68" height="50" rx="7"/><path class="m" d="M92 56h20a8 8 0 0 1 6.800 3.800L130 78v6a6 6 0 0 1-6 6H92z"/>'
    '<path class="p" d="M100 63h11l7 12h-18z"/><circle class="h" cx="50" cy="92" r="11"/><circle class="h" cx="108" cy="92" r="11"/>'
    '<circle class="a" cx="50" cy="92" r="4.500"/><circle class="a" cx="108" cy="92" r="4.500"/><path class="line" d="M36 56h26M36 68h16"/>',
    "partner": _GROUND
    + '<path class="a" d="M36 58h88v40a6 6 0 0 1-6 6H42a6 6 0 0 1-6-6z"/><path class="m" d="M40 26h80l10 30H30z"/>'
    '<path class="p" d="M30 56a10 10 0 0 0 20 0 10 10 0 0 0 20 0 10 10 0 0 0 20 0 10 10 0 0 0 20 0 10 10 0 0 0 20 0z"/>'
    '<rect class="h" x="48" y="76" width="22" height="28" rx="3"/><rect class="l" x="80" y="76" width="32" height="18" rx="3"/>',
    "donation": _GROUND
    + '<path class="a" d="M80 100C50 80 38 66 38 51a21 21 0 0 1 42-6 21 21 0 0 1 42 6c0 15-12 29-42 49z"/>'
    '<path class="h" d="M80 84C63 72 56 64 56 55a12 12 0 0 1 24-4 12 12 0 0 1 24 4c0 9-7 17-24 29z"/>',
}
