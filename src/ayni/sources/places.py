"""Codes of countries as publishers of series print them, and keys for what is not a country.

Only ISO codes stand without a prefix. A region or an organisation gets its publisher's prefix, as in
``wb-region:LCN``, so that it is never taken for a country, however much its code looks like one.
"""

from __future__ import annotations

import polars as pl

# ISO 3166-1 of 2026: two and three letters of each of its 249 entries, as one word.
_ISO = """
    ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE
    BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS
    BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN
    COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST
    EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF
    GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD
    HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM
    JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA
    LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
    MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM
    NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG
    PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA
    SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD
    STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON
    TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR
    VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
# Kosovo has no ISO code; XKX is what the World Bank, the EU and the IMF use (XK of two letters).
_USER_ASSIGNED = {"XK": "XKX"}
# Two letters that Eurostat prints where ISO has others.
_EUROSTAT = {"EL": "GRC", "UK": "GBR"}

ISO3_OF_ISO2: dict[str, str] = {pair[:2]: pair[2:] for pair in _ISO.split()} | _USER_ASSIGNED
ISO3: frozenset[str] = frozenset(ISO3_OF_ISO2.values())


def place(code: pl.Expr, prefix: str) -> pl.Expr:
    """Return the key of each place: ISO3 of a country, else the code behind the prefix.

    Parameters
    ----------
    code : Expr
        Codes of two or three letters in capitals, or a publisher's own.
    prefix : str
        Whose codes they are, as in ``wb-region``.
    """
    known = {iso3: iso3 for iso3 in ISO3} | ISO3_OF_ISO2 | _EUROSTAT
    return code.replace_strict(
        known, default=pl.concat_str(pl.lit(f"{prefix}:"), code), return_dtype=pl.String()
    )
