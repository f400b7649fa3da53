"""Who reaches what: one row by address that is not open to all, one sign by role.

A new address without a row fails `tests/test_access.py`, which says what the signs mean.
"""

from typing import Final

#: Columns of the table: who they are to the request that is walked.
ROLES: Final = (
    "visitor",        # not signed in
    "mairie",         # acts for the commune that asks
    "other_mairie",   # acts for another commune
    "agent",          # of the desk that carries it
    "far_agent",      # of a desk that has no part in it
    "delegate",
    "deputy",         # without a delegation
    "pilot",          # deputy of the DDT that pilots for the desk
    "lead",           # interlocuteur unique
    "asked",          # a body that is asked its opinion
    "stranger",       # a provider that is asked nothing
    "neighbour",      # agent of a desk that is informed
    "committee",      # of the ANCT, before which the request is
    "observer",       # elected, in the territory
    "far_observer",   # elected, elsewhere
    "administrator",
)  # fmt: skip


#: Open to all: tried without signing in (whoever is signed in sees the same page).
PUBLIC: Final = frozenset(
    {
        "home", "desk:orientation", "desk:orientation_pdf", "accessibility", "legal", "privacy",
        "sources", "health", "account", "account_login", "account_request_login_code",
        "quality:report", "keeping:claim", "keeping:claim_link",
        "account_confirm_login_code", "account_logout", "account_signup", "account_inactive",
    }
)  # fmt: skip
PUBLIC_SPACES: Final = (
    "territories:", "catalog:", "experiences:", "api:", "api/", "matrix:", "opendata:",
    "permille:", "simulator:", "rules:",
)  # fmt: skip
SIGNED_IN_API: Final = frozenset({"api:requests", "api:one_request"})
#: Addresses for those who are signed in, among spaces that are open to all.
SIGNED_IN: Final = (
    SIGNED_IN_API
    | {"rules:vintage"}
    | {f"matrix:{place}{page}" for place in ("", "place_") for page in ("lead", "lead_end")}
)
#: Address → one sign by role, in the order of `ROLES`. `_mark` says what the signs mean.
TABLE: Final[dict[str, str]] = {
    # v visitor, M mairie, m other mairie, A agent, a far agent, D delegate, d deputy, P pilot,
    # L lead, s asked (sollicité), x stranger, n neighbour, C committee, O observer, o far one,
    # Z administrator
    #                               vMmAaDdPLsxnCOoZ
    "workspace":                     "l+++++++++++++++",
    "requests:start":                "++++++++++++++++",
    "requests:open":                 "l+++++++++++++++",
    "requests:ask_link":             "++++++++++++++++",
    "requests:link":                 "++++++++++++++++",
    "requests:step":                 "l+00000000000000",
    "requests:discard":              "l+00000000000000",
    "requests:receipt":              "l+0+0+++--0---0-",
    "requests:receipt_pdf":          "l+0+0+++--0---0-",
    "requests:attach":               "l+0+0++++-0---0-",
    "requests:attachment":           "l+0+0++++000+000",
    "requests:detach":               "l+0+0+++-000-000",
    "requests:mine":                 "l+++++++++++++++",
    "requests:message":              "l+0+0++++-0---0-",
    "requests:seen":                 "l+0-0-----0---0-",
    "requests:consultation":         "l00+0+++0+00+000",
    "requests:request":              "l+0+0+++++0+++0+",
    "requests:act":                  "l-0+0++++-0---0-",
    "requests:ask":                  "l-0+0+++--0---0-",
    "requests:cancel":               "l00+0+++0-00-000",
    "requests:do_task":              "l00+0+++00000000",
    "requests:examine":              "l-0+0+++--0---0-",
    "requests:convention":           "l+0+0+++--0-+-0-",
    "requests:convention_odt":       "l+0+0+++--0-+-0-",
    "requests:journal":              "l-0+0+++--0-+-0+",
    "requests:plan":                 "l+0+0+++--0---0-",
    "projects:list":                 "l+++++++++++++++",
    "projects:new":                  "l++-------------",
    "projects:project":              "l+0+0++000000000",
    "projects:edit":                 "l+0+0++000000000",
    "projects:erase":                "l+0-0--000000000",
    "projects:share":                "l+0-0--000000000",
    "projects:unshare":              "l+0-0--000000000",
    "funding:new":                   "l+0+0++000000000",
    "funding:keep":                  "l+++++++++++++++",
    "funding:plan":                  "l+0+0++000000000",
    "funding:edit":                  "l+0+0++000000000",
    "funding:duplicate":             "l+0+0++000000000",
    "funding:choose":                "l+0+0++000000000",
    "funding:rename":                "l+0+0++000000000",
    "funding:delete":                "l+0-0--000000000",
    "funding:versions":              "l+0+0++000000000",
    "funding:version":               "l+0+0++000000000",
    "funding:undo":                  "l+0+0++000000000",
    "funding:verb":                  "l+0+0++000000000",
    "funding:next":                  "l+0+0++000000000",
    "funding:cash":                  "l+0+0++000000000",
    "funding:calendar":              "l+0+0++000000000",
    "funding:calendar_ics":          "l+0+0++000000000",
    "funding:calendar_renew":        "l+0+0++000000000",
    "funding:calendar_feed":         "0000000000000000",
    "funding:export":                "l+0+0++000000000",
    "funding:paper":                 "l+0+0++000000000",
    "funding:pieces":                "l+0+0++000000000",
    "funding:pieces_zip":            "l+0+0++000000000",
    "funding:piece":                 "l+0+0++000000000",
    "funding:piece_remove":          "l+0-0--000000000",
    "asked:list":                    "l+++++++++++++++",
    "links:list":                    "l--+++++--------",
    "links:resend":                  "l--+0+++--------",
    "links:cancel":                  "l--+0+++--------",
    "queue:list":                    "l--+++++--------",
    "queue:assign":                  "l--+++++--------",
    "queue:map":                     "l--+++++--------",
    "queue:calendar":                "l--+++++--------",
    "queue:views":                   "l--+++++--------",
    "queue:delete_view":             "l--+0000--------",
    "national:list":                 "l-----------+---",
    "settings:desk":                 "l--+++++--------",
    "settings:remove_body":          "l---0+-+--------",
    "settings:absences":             "l--+++++--------",
    "settings:remove_absence":       "l--+0000--------",
    "settings:people":               "l--+++++--------",
    "settings:open_access":          "l--+++++--------",
    "settings:end_access":           "l--+0+++--------",
    "committee:list":                "l--+++++-----+++",
    "committee:new":                 "l--+++++--------",
    "committee:session":             "l00+0+++0000000+",
    "committee:agenda":              "l00+0+++0000000-",
    "committee:minutes":             "l00+0+++0000000-",
    "committee:close":               "l00+0+++0000000-",
    "committee:delete":              "l00+0+++0000000-",
    "committee:paper":               "l00+0+++00000000",
    "consolidation:current":         "l+++++++++++++++",
    "consolidation:year":            "l--+++++----++++",
    "consolidation:france":          "l-----------+--+",
    "keeping:list":                  "l--++++-+--+---+",
    "keeping:new_provider":          "l--++++----+---+",
    "keeping:provider":              "l--+-++-+------+",
    "keeping:provider_edit":         "l-------+------+",
    "keeping:confirm":               "l-------+------+",
    "keeping:capacity":              "l-------+------+",
    "keeping:history":               "l--+-++-+------+",
    "keeping:offer_new":             "l-------+------+",
    "keeping:offer":                 "l--+-++-+------+",
    "keeping:preview":               "l--+-++-+------+",
    "keeping:offer_edit":            "l-------+------+",
    "keeping:offer_verb":            "l-------+------+",
    "keeping:invite":                "l--+-++--------+",
    "keeping:end_access":            "l--+-++--------+",
    "keeping:hold":                  "l--+-++---------",
    "keeping:claims":                "l--++++----+---+",
    "keeping:claim_decide":          "l--+0++----0---+",
    "asked:record":                  "l--+++++++++---+",
    "quality:list":                  "l--++++-+--+---+",
    "quality:confirm":               "l--++++-+--+---+",
    "quality:ask":                   "l--++++-+--+---+",
    "quality:reports":               "l--++++-+--+---+",
    "quality:report_close":          "l00+0++00000000+",
    "words:list":                    "l--++++----+---+",
    "words:type_new":                "l--------------+",
    "words:type":                    "l--++++----+---+",
    "words:type_delete":             "l--------------+",
    "words:type_restore":            "l--------------+",
    "words:thesaurus":               "l--++++----+---+",
    "words:entry_new":               "l--------------+",
    "words:entry":                   "l--++++----+---+",
    "words:entry_delete":            "l--------------+",
    "words:entry_restore":           "l--------------+",
    "words:offers":                  "l--++++----+---+",
    "words:offer":                   "l--++++----+---+",
    "words:needs":                   "l--++++----+---+",
    "words:mark":                    "l--------------+",
    "matrix:lead":                   "l-----------+---",
    "matrix:lead_end":               "l-----------0---",
    "matrix:place_lead":             "l--+-+++--------",
    "matrix:place_lead_end":         "l--0-000--------",
    "accounts:demo":                 "0000000000000000",
    "connectors:home":               "l--++++----+---+",
    "connectors:start":              "l--------------+",
    "connectors:run":                "l--++++----+---+",
    "connectors:unknown":            "l--++++----+---+",
    "imports:list":                  "l--++++-+--+---+",
    "imports:new":                   "l--++++-+--+---+",
    "imports:template":              "l--++++-+--+---+",
    "imports:schema":                "l--++++-+--+---+",
    "imports:import":                "l--+0++-0--0---+",
    "imports:lines":                 "l--+0++-0--0---+",
    "imports:rejects":               "l--+0++-0--0---+",
    "imports:write":                 "l--+0++-0--0---+",
    "imports:cancel":                "l--+0++-0--0---+",
    "rules:vintage":                 "l--------------+",
    "notifications:list":            "l+++++++++++++++",
    "notifications:read-all":        "l+++++++++++++++",
    "notifications:open":            "l00+000000000000",
    "notifications:read":            "l00+000000000000",
    "notifications:preferences":     "l+++++++++++++++",
    "notifications:previews":        "l--------------+",
    "notifications:preview":         "l--------------+",
    "notifications:mails":           "l--------------+",
    "notifications:try-all-again":   "l--------------+",
    "notifications:try-again":       "l--------------+",
    "notifications:demo":            "0000000000000000",
    "api:requests":                  "l+++++++++++++++",
    "api:one_request":               "l+0+0+++++0+++0+",
}  # fmt: skip
