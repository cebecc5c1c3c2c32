"""Addresses of the team, of keys, and of one's own account."""

from django.urls import path

from regulars.console.views import account, account_two_factor, keys, once, sign_in, team, team_invitations

team_urls = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/second/", sign_in.second_step, name="sign_in_second"),
    path("sign-in/passkey/ask/", sign_in.ask_for_passkey, name="passkey_ask"),
    path("sign-in/passkey/", sign_in.answer_by_passkey, name="passkey_answer"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("invitation/<str:token>/", team_invitations.accept, name="invitation"),
    path("account/", account.profile, name="account"),
    path("account/password/", account.password, name="account_password"),
    path("account/sessions/", account.sessions, name="account_sessions"),
    path("account/sessions/end/", account.end_sessions, name="account_sessions_end"),
    path("account/security/", account_two_factor.two_factor, name="account_two_factor"),
    path("account/security/app/", account_two_factor.set_up_totp, name="account_totp"),
    path("account/security/app/remove/", account_two_factor.remove_totp, name="account_totp_remove"),
    path("account/security/passkey/", account_two_factor.add_passkey, name="account_passkey"),
    path("account/security/passkey/begin/", account_two_factor.begin_passkey, name="account_passkey_begin"),
    path(
        "account/security/passkey/<int:number>/remove/",
        account_two_factor.remove_passkey,
        name="account_passkey_remove",
    ),
    path("account/security/codes/", account_two_factor.renew_codes, name="account_codes"),
    path("team/", team.team, name="team"),
    path("team/roles/", team.roles, name="team_roles"),
    path("team/two-step/", team.rules, name="team_rules"),
    path("team/new/", team_invitations.invite, name="team_invite"),
    path("team/invitations/<int:number>/resend/", team_invitations.resend, name="invitation_resend"),
    path("team/invitations/<int:number>/revoke/", team_invitations.revoke, name="invitation_revoke"),
    path("team/<int:operator_id>/", team.change, name="team_change"),
    path("team/<int:operator_id>/activity/", team.set_activity, name="team_activity"),
    path("team/<int:operator_id>/password/", team.reset_password, name="team_password"),
    path("team/<int:operator_id>/two-step/", team.reset_two_factor, name="team_two_factor"),
    path("team/<int:operator_id>/sessions/", team.end_sessions, name="team_sessions"),
    path("once/<slug:page>/<str:token>/", once.once, name="once"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.issue, name="key_issue"),
    path("keys/<int:key_id>/rotate/", keys.rotate, name="key_rotate"),
    path("keys/<int:key_id>/revoke/", keys.revoke, name="key_revoke"),
]
