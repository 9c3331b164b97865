-- What was issued stays as it is: the application may write down that an invoice was credited, and nothing else. Taking whole
-- tenants away or back in is done by the owner of the tables.
CREATE OR REPLACE FUNCTION invoicing_document_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'callcart_app' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN old ELSE new END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an invoice is never deleted' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (to_jsonb(new) - '{credited_minor,closed_at}'::text[]) IS DISTINCT FROM (to_jsonb(old) - '{credited_minor,closed_at}'::text[])
     OR new.credited_minor < old.credited_minor OR (old.closed_at IS NOT NULL AND new.closed_at IS DISTINCT FROM old.closed_at) THEN
    RAISE EXCEPTION 'an invoice is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN new;
END $$;

CREATE OR REPLACE TRIGGER invoicing_document_stays BEFORE UPDATE OR DELETE ON invoicing_document
  FOR EACH ROW EXECUTE FUNCTION invoicing_document_stays();
