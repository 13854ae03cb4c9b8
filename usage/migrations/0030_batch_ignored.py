from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0003_video_and_cached_modalities"), ("usage", "0021_refused_rights")]

    operations = [
        migrations.AddField(
            model_name="usagebatch",
            name="ignored",
            field=models.JSONField(
                blank=True, default=dict, help_text="Spans that are no priced call, by reason."
            ),
        ),
    ]
