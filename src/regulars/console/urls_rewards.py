"""Addresses of rewards and code pools."""

from django.urls import path

from regulars.console.views import codes, rewards, rewards_stages

reward_urls = [
    path("rewards/", rewards.rewards, name="rewards"),
    path("rewards/new/", rewards.new, name="reward_new"),
    path("rewards/preview/", rewards.preview, name="reward_preview"),
    path("reward/<str:code>/", rewards.edit, name="reward"),
    path("reward/<str:code>/publish/", rewards_stages.publish, name="reward_publish"),
    path("reward/<str:code>/withdraw/", rewards_stages.withdraw, name="reward_withdraw"),
    path("reward/<str:code>/archive/", rewards_stages.archive, name="reward_archive"),
    path("reward/<str:code>/restore/", rewards_stages.restore, name="reward_restore"),
    path("reward/<str:code>/duplicate/", rewards_stages.duplicate, name="reward_duplicate"),
    path("codes/", codes.pools, name="pools"),
    path("codes/new/", codes.new, name="pool_new"),
    path("pool/<str:code>/", codes.pool, name="pool"),
    path("pool/<str:code>/upload/", codes.upload, name="pool_upload"),
    path("pool/<str:code>/generate/", codes.generate, name="pool_generate"),
    path("pool/<str:code>/unused.csv", codes.download, name="pool_download"),
]
