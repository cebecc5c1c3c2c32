"""The store's addresses."""

from django.urls import path

from regulars.store.views import (
    history,
    home,
    information,
    language,
    pocket,
    profile,
    proofs,
    redemptions,
    rewards,
    signing_in,
    statements,
    tiers,
)

app_name = "store"
urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", signing_in.sign_in_code, name="sign_in_code"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("demo/sign-in/", signing_in.demo_sign_in, name="demo_sign_in"),
    path("rewards/", rewards.rewards, name="rewards"),
    path("rewards/<str:code>/", rewards.reward, name="reward"),
    path("rewards/<str:code>/redeem/", rewards.redeem, name="redeem"),
    path("rewards/<str:code>/goal/", rewards.goal, name="goal"),
    path("pictures/<str:name>", rewards.picture, name="picture"),
    path("my-rewards/", redemptions.my_rewards, name="my_rewards"),
    path("my-rewards/<int:redemption_id>/", redemptions.redeemed, name="redemption"),
    path("my-rewards/<int:redemption_id>/cancel/", redemptions.cancel, name="cancel"),
    path("my-rewards/<int:redemption_id>/e-mail/", redemptions.send, name="send"),
    path("my-rewards/<int:redemption_id>/reminder.ics", redemptions.reminder, name="reminder"),
    path("history/", history.history, name="history"),
    path("history/proof/", proofs.proof, name="proof"),
    path("history/statement/", statements.statement, name="statement"),
    path("history/<int:seq>/", history.entry, name="entry"),
    path("profile/", profile.profile, name="profile"),
    path("profile/consents/", profile.consents, name="consents"),
    path("profile/privacy/", profile.privacy, name="privacy"),
    path("profile/my-data.json", profile.my_data, name="my_data"),
    path("profile/sessions/", profile.end_sessions, name="end_sessions"),
    path("status/", tiers.status, name="tiers"),
    path("manifest.webmanifest", pocket.manifest, name="manifest"),
    path("sw.js", pocket.service_worker, name="service_worker"),
    path("offline/", pocket.offline, name="offline"),
    path("language/", language.choose_language, name="language"),
    path("how-it-works/", information.how_it_works, name="how_it_works"),
    path("about-the-data/", information.about_the_data, name="about_the_data"),
]
