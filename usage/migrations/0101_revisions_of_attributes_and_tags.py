"""Record every change of dated attributes, groups and the meaning of tags; keep their logs."""

from django.db import migrations

from tknops.database import append_only

TABLES = (
    "customers_customerparent", "customers_enduserattribute", "customers_teamattribute",
    "usage_featureattribute", "usage_tagalias", "usage_tagdimension",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("usage", "0100_tag_meaning_and_feature_attributes"),
        ("customers", "0101_no_customer_above_itself"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
                f"DROP TRIGGER usage_revised ON {table}",
            )
            for table in TABLES
        ),
        append_only(
            "usage_featureattributeevent", "usage_tagaliasevent", "usage_tagdimensionevent"
        ),
    ]
