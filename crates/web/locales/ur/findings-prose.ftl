# تشخیص میں جو کچھ نکل سکتا ہے: اس کی اہمیت، کیا کام آئے گا، اور اس کی قیمت۔

finding-listener-in-range-why = سرور جب بند ہو، یعنی اگلی بار اسے دوبارہ چلاتے یا مشین کے اٹھتے وقت، اس کا پورٹ باہر جانے والے کسی بھی کنکشن کو مل سکتا ہے۔ تب سرور `Address already in use` کے ساتھ ناکام ہوتا ہے، اتفاقاً اور کبھی کبھار، جب تک وہ کنکشن ختم اور اس کا TIME-WAIT پورا نہ ہو جائے۔ جس سرور نے کوئی بھی پورٹ مانگا ہو (پورٹ 0 بائنڈ کیا ہو) اسے فرق نہیں پڑتا۔
finding-listener-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`، یا سرور کو حد سے باہر کا کوئی پورٹ دیں
finding-listener-in-range-price = سرور نہ چل رہا ہو تو ہر منزل کی طرف کنکشنوں کے لیے ایک پورٹ کم؛ چل رہا ہو تو کرنل اس کے پورٹ کو ویسے بھی چھوڑ دیتا ہے

finding-assigned-service-in-range-why = یہ پورٹ اس سروس کا گھر ہے: کلائنٹ، فائر وال اور دوسری مشینیں اسے یہیں ڈھونڈتی ہیں۔ سو اگر یہ بند ہو اور اس دوران پورٹ کسی کنکشن کو مل جائے تو سروس کہیں اور نہیں جا سکتی۔
finding-assigned-service-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`، یا ایسی حد جو سروس سے اوپر شروع ہو
finding-assigned-service-in-range-price = ہر سروس کے لیے ایک پورٹ کم؛ حد چھوٹی کریں تو جتنی چھوٹی ہو اتنے ہی

finding-known-block-in-range-why = سافٹ ویئر یہ مان کر چلتا ہے کہ اس کے پورٹس کا بلاک کوئی اور استعمال نہیں کرتا: kube-proxy سروس بنتے وقت NodePort کھولتا ہے، mosh ہر سیشن کے لیے ایک پورٹ لیتا ہے، libvirt ہر مائیگریشن کے لیے ایک۔ ان میں سے جو پورٹ اس دوران کسی کنکشن کو مل چکا ہو، وہ تب نہیں ملتا اور کام ناکام ہو جاتا ہے۔
finding-known-block-in-range-fix = `portolan range set LO-HI --persist`، ایسی حد کے ساتھ جو بلاک سے الگ ہو
finding-known-block-in-range-price = بلاک کے پورٹس پھر کنکشنوں کو نہیں ملتے

finding-range-begins-below-1024-why = عام کنکشنوں کو ان سروسز کے پورٹ مل جاتے ہیں جنہیں root چلاتا ہے، جیسے ssh اور DNS، اور اگلی بار چلتے وقت ان کا راستہ روک لیتے ہیں؛ اور جو دوسرے سرے نیچے کے پورٹ کو root کی نشانی سمجھتے ہیں (NFS،‏ rsh) وہ دھوکا کھاتے ہیں۔
finding-range-begins-below-1024-fix = `portolan range set 32768-60999 --persist`
finding-range-begins-below-1024-price = کنکشنوں کے لیے کم پورٹ: وہ جو 1024 سے نیچے ہیں

finding-small-range-why = ایک پتے سے ایک منزل کی طرف بس اتنے ہی کنکشن ایک ساتھ ہو سکتے ہیں، TIME-WAIT والے ملا کر؛ اور ابھی ابھی استعمال ہوا پورٹ جلد پھر آ جاتا ہے، جس پر دوسرے سرے یا فائر وال کا TIME-WAIT خاموش رہتا ہے۔
finding-small-range-fix = `portolan range set 32768-60999 --persist`، یا `net.ipv4.ip_local_reserved_ports` میں کم پورٹ
finding-small-range-price = جو پورٹ بڑھیں وہ سرورز کے ہو سکتے ہیں: کون سے، یہ `portolan range set` دکھاتا ہے

finding-destination-filling-why = آدھے پر پہنچ کر `connect()` 50 سے 200 گنا سست ہو جاتا ہے: وہ پہلے ایک ہی قسم کے پورٹ (جفت یا طاق) آزماتا ہے، اور وہ تقریباً ختم ہو چکے ہیں۔
finding-destination-filling-fix = کنکشن دوبارہ استعمال کریں (keep-alive یا پول)، انہیں منزل کے یا اپنے مزید پتوں پر پھیلائیں، یا `connect()` کو تیز رکھیں: `portolan pilot`
finding-destination-filling-price = پول سرور پر بے کار کنکشن کھلے رکھتا ہے؛ مزید پتوں کے لیے روٹ چاہیے؛ pilot کے لیے root چاہیے، یا پروگرام میں ایک لائبریری

finding-destination-past-cliff-why = ہر کنکٹ دوسرا آدھا حصہ آزمانے سے پہلے آدھی حد بے کار آزماتا ہے: چند مائیکرو سیکنڈ کی جگہ پروسیسر کا تقریباً ایک ملی سیکنڈ، اور وہ بھی لاک پکڑے ہوئے، سو دوسرے پروسیسروں کے کنکٹ بھی انتظار کرتے ہیں۔
finding-destination-past-cliff-fix = `portolan pilot run -- PROGRAM`، یا `portolan pilot on`؛ اور `destination-filling` بھی دیکھیں
finding-destination-past-cliff-price = جو ساکٹ pilot سے گزریں ان پر `SO_REUSEADDR` نظر آتا ہے؛ جو پورٹ pilot بائنڈ کرے انہیں وہ کنکٹ چھوڑ دیتے ہیں جو pilot سے نہیں گزرتے

finding-exhaustion-within-a-day-why = پھر اس پتے سے وہاں جانے والے ہر پروگرام کا `connect()` ناکام ہوتا ہے: `Cannot assign requested address` (`EADDRNOTAVAIL`)۔
finding-exhaustion-within-a-day-fix = معلوم کریں کہ کنکشن کون کھولتا ہے (`portolan room` نام بتاتا ہے) اور ایسا کریں کہ وہ انہیں بند کرے یا دوبارہ استعمال کرے؛ یا بھیجنے کے پتے بڑھائیں: `portolan range plan`
finding-exhaustion-within-a-day-price = پروگرام پر منحصر ہے؛ بھیجنے کا ہر پتہ ہر منزل کی طرف پوری ایک حد بڑھا دیتا ہے

finding-udp-ports-full-why = UDP کا پورٹ ایک ہی ساکٹ کو ملتا ہے، وہ جس سے بھی بات کرے: سب بھر جائیں تو اس مشین پر کوئی DNS سے نام بھی نہیں پوچھ سکتا۔
finding-udp-ports-full-fix = معلوم کریں کہ کس کے پاس ہیں: `portolan ls -u --sort process`
finding-udp-ports-full-price = کچھ نہیں

finding-binds-source-address-why = کرنل کو پورٹ `bind()` ہی پر چننا پڑتا ہے، منزل جاننے سے پہلے: ایسا ہر کنکشن اپنا پورٹ باقی سب سے چھین لیتا ہے، ہر منزل کی طرف۔ یوں حد ہر منزل کی طرف 28,000 کنکشنوں کی جگہ کُل ملا کر 28,000 کے لیے ہی کافی رہتی ہے۔
finding-binds-source-address-fix = پروگرام میں `IP_BIND_ADDRESS_NO_PORT` لگائیں: nginx،‏ HAProxy اور Envoy لگاتے ہیں، یا اس کا آپشن رکھتے ہیں
finding-binds-source-address-price = `bind()` سے پھر پورٹ معلوم نہیں ہوتا: `connect()` کے بعد `getsockname()` بتاتا ہے

finding-binds-before-connect-why = پورٹ منزل معلوم ہونے سے پہلے چنا جاتا ہے، اور یوں سب سے چھن جاتا ہے، ہر منزل کی طرف: `binds-source-address` دیکھیں۔ پھر `bind()` ایسا پورٹ ڈھونڈتا ہے جو سرے سے کسی کے پاس نہ ہو، اور وہاں بھی `EADDRINUSE` کے ساتھ ناکام ہوتا ہے جہاں `connect()` کو ابھی ہزاروں مل جاتے۔
finding-binds-before-connect-fix = `bind()` نکال دیں: `connect()` خود پورٹ چن لیتا ہے
finding-binds-before-connect-price = کچھ نہیں

finding-close-wait-pile-why = CLOSE-WAIT کا مطلب ہے کہ دوسرا سرا فارغ ہو چکا اور ہمارے پروگرام نے اپنا ڈسکرپٹر بند نہیں کیا۔ یہ خود سے ختم نہیں ہوتا: ہر ایک اپنا پورٹ، ایک ڈسکرپٹر اور میموری روکے رکھتا ہے جب تک پروگرام اسے بند نہ کرے یا خود ختم نہ ہو۔ بہت سے ہوں تو پروگرام میں لیک ہے۔
finding-close-wait-pile-fix = `read()` جس کنکشن کے ختم ہونے کی خبر دے، پروگرام اسے بند کرے؛ تب تک پروگرام کو دوبارہ چلائیں
finding-close-wait-pile-price = دوبارہ چلانے سے اس کے دوسرے کنکشن بھی ختم ہو جاتے ہیں

finding-bound-never-listening-why = یہ پورٹ کو سب سے روکے رکھتا ہے، اور `ss` اور `netstat` اسے نہیں دکھاتے: جسے پورٹ چاہیے اسے `Address already in use` ملتا ہے، اور پورٹ پر کوئی نظر نہیں آتا۔
finding-bound-never-listening-fix = پروگرام بنانے والے سے پوچھیں، یا پروسیس ختم کر دیں
finding-bound-never-listening-price = پروسیس جو کام کر رہا ہے وہ بھی اس کے ساتھ ختم ہو جاتا ہے

finding-time-wait-pile-why = جو پہلے بند کرے پورٹ ایک منٹ اسی کے پاس رہتا ہے، تاکہ دیر سے آنے والے ٹکڑے اگلے کنکشن کے نہ سمجھے جائیں۔ اس میں کوئی خرابی نہیں؛ مگر پہلے بند کرنے والا کلائنٹ ایک منزل کی طرف فی سیکنڈ `range / 60` کنکشن ہی کر سکتا ہے، ڈیفالٹ طور پر 470۔
finding-time-wait-pile-fix = سرور کو پہلے بند کرنے دیں، یا کنکشن کھلے رکھیں (keep-alive یا پول)
finding-time-wait-pile-price = تب TIME-WAIT سرور کے پاس ہوتا ہے، اس کے اپنے پورٹ پر، جہاں وہ `connect()` سے کچھ نہیں چھینتا

finding-tw-reuse-everywhere-why = 1 ہو تو یہ پورٹ ہر اُس سرے کی طرف ادھار دیے جاتے ہیں جس کے ٹائم سٹیمپ سے پرانے ٹکڑے نئے ٹکڑوں سے الگ پہچانے جا سکیں؛ 2 ہو، جو ڈیفالٹ ہے، تو صرف لوپ بیک کی طرف؛ 0 ہو تو کبھی نہیں۔ یہ پہلے بند کرنے والے کلائنٹس کے کام آتا ہے، سرورز کے لیے کچھ نہیں کرتا، اور وہاں کنکشن توڑتا ہے جہاں راستے کا کوئی NAT یا لوڈ بیلنسر الگ الگ ٹائم سٹیمپ والی مشینوں کو ایک پتے کے پیچھے رکھے۔
finding-tw-reuse-everywhere-fix = اگر کسی نے جان بوجھ کر ایسا نہیں کیا: `sysctl -w net.ipv4.tcp_tw_reuse=2`
finding-tw-reuse-everywhere-price = 2 ہو تو پورٹ پورا منٹ ٹھہرتے ہیں، سو فی سیکنڈ کم کنکشن ممکن ہیں۔ کرنل کی دستاویز خبردار کرتی ہے کہ اسے تکنیکی ماہرین کے مشورے یا درخواست کے بغیر نہ بدلا جائے۔

finding-tw-reuse-off-why = TIME-WAIT والے پورٹ لوپ بیک کی طرف بھی ادھار نہیں دیے جاتے، جہاں کچھ کبھی دیر سے نہیں آتا۔ لینکس 4.19 سے ڈیفالٹ 2 ہے، یعنی صرف لوپ بیک۔
finding-tw-reuse-off-fix = `sysctl -w net.ipv4.tcp_tw_reuse=2`، جو کرنل کا ڈیفالٹ ہے
finding-tw-reuse-off-price = کوئی معلوم نہیں، جب تک بات صرف لوپ بیک کی ہے۔ کرنل کی دستاویز خبردار کرتی ہے کہ اسے تکنیکی ماہرین کے مشورے یا درخواست کے بغیر نہ بدلا جائے۔

finding-time-wait-buckets-full-why = `tcp_max_tw_buckets` سے زیادہ ہوں تو کنکشن TIME-WAIT کے بغیر ختم ہوتے ہیں اور ان کے پورٹ فوراً خالی ہو جاتے ہیں: دیر سے آنے والے ٹکڑے اگلے کنکشن کے سمجھے جا سکتے ہیں۔
finding-time-wait-buckets-full-fix = `sysctl -w net.ipv4.tcp_max_tw_buckets=TWICE`
finding-time-wait-buckets-full-price = ہر ایک کے لیے تقریباً 300 بائٹ میموری

finding-conntrack-nearly-full-why = بھر جائے تو نئے کنکشنوں کے پیکٹ گرا دیے جاتے ہیں، اور کرنل کے لاگ میں `nf_conntrack: table full, dropping packet` کے سوا کوئی خبر نہیں ہوتی۔ جدول کی سطریں کنکشنوں کے بعد بھی رہتی ہیں: `TIME_WAIT` کی دو منٹ، قائم کنکشنوں کی پانچ دن۔
finding-conntrack-nearly-full-fix = `sysctl -w net.netfilter.nf_conntrack_max=TWICE`، جہاں `TWICE` موجودہ قدر کا دگنا ہے، اور `nf_conntrack_buckets` اس کا چوتھائی
finding-conntrack-nearly-full-price = ہر زیرِ استعمال سطر کے لیے تقریباً 400 بائٹ میموری

finding-nat-pool-nearly-full-why = جو کنکشن اس پتے سے نکلتے ہیں انہیں اس کا کوئی ایسا پورٹ دیا جاتا ہے جو ان کی منزل کی طرف خالی ہو۔ جہاں کوئی خالی نہ ہو، وہ گرا دیے جاتے ہیں۔
finding-nat-pool-nearly-full-fix = NAT کو ایک کی جگہ پتوں کا سلسلہ دیں: `--to-source FIRST-LAST`
finding-nat-pool-nearly-full-price = مزید پتوں کا روٹ اس مشین تک آنا چاہیے

finding-reserved-ports-skew-why = `connect()` محفوظ پورٹس کو ایک ایک کر کے چھوڑتا ہے، اور جب وہ بلاک کے اندر پہنچے تو پورٹ بلاک کے عین بعد والوں میں سے لیتا ہے: وہی بار بار آتے ہیں، اور اپنے پچھلے استعمال کے جلد بعد۔ صرف جفت یا صرف طاق پورٹ محفوظ کیے جائیں تو کگار اور قریب آ جاتی ہے۔
finding-reserved-ports-skew-fix = ایسی حد جو بلاک سے پہلے ختم ہو، یا اس کے بعد شروع ہو: `portolan range set LO-HI --persist`
finding-reserved-ports-skew-price = بلاک کے دوسری طرف کے پورٹ پھر کسی کو نہیں دیے جاتے

finding-listener-only-loopback-talks-to-why = اس تک ہر اُس نیٹ ورک سے پہنچا جا سکتا ہے جس میں یہ مشین ہے، حالانکہ لگتا ہے کہ وہاں کسی کو اس کی ضرورت نہیں۔
finding-listener-only-loopback-talks-to-fix = پروگرام کو `127.0.0.1` اور `[::1]` پر سننے دیں
finding-listener-only-loopback-talks-to-price = جسے باہر سے واقعی اس کی ضرورت ہو، مگر اس وقت جڑا ہوا نہ تھا، وہ باہر رہ جاتا ہے

finding-port-shared-by-programs-why = `SO_REUSEPORT` ہو تو کرنل کنکشن پورٹ کے سب سننے والوں میں بانٹ دیتا ہے۔ یہ ایک ہی سرور کے پروسیسوں کے لیے ہے؛ دو پروگرام ہوں تو ہر ایک کو دوسرے کے کچھ کنکشن ملتے ہیں۔
finding-port-shared-by-programs-fix = جسے وہاں نہیں ہونا چاہیے اسے ختم کریں، یا اسے دوسرا پورٹ دیں
finding-port-shared-by-programs-price = اس کے کنکشن بھی اس کے ساتھ ختم ہو جاتے ہیں

finding-listener-without-process-why = اس کی طرف آنے والے کنکشن کرنل قبول کر لیتا ہے، اور کوئی نہیں کرتا: دوسرے سرے لٹکے رہتے ہیں۔ اس کا پروسیس جا چکا ہے یا اسے بند کر چکا ہے، اور ساکٹ پروسیسوں کے بیچ کے کسی ایسے پیغام میں پڑا ہے جسے کسی نے وصول نہیں کیا، یا کرنل کا اپنا ہے (مثلاً NFS کا)۔
finding-listener-without-process-fix = معلوم کریں کہ کس نے رکھا ہوا ہے: جسے ڈسکرپٹر بھیجے گئے ہوں، جیسے سروس مینیجر یا کوئی پراکسی جسے اپ گریڈ کیا گیا؛ اسے دوبارہ چلائیں
finding-listener-without-process-price = اس کے کنکشن بھی اس کے ساتھ ختم ہو جاتے ہیں

finding-owner-is-gone-why = اس کے نام سے کسی کو پتہ نہیں چلتا کہ اب پورٹ پر جواب کون دیتا ہے: ساکٹ وراثت میں ملا یا آگے دیا گیا۔ جہاں یہی مقصود تھا وہاں کوئی حرج نہیں، جیسے سرور کے ورکرز میں۔
finding-owner-is-gone-fix = اب کس کے پاس ہے، یہ `portolan PORT` بتاتا ہے
finding-owner-is-gone-price = کچھ نہیں

finding-listen-queue-overflow-why = جو کنکشن قطار کو بھری ہوئی پائے وہ آخری قدم پر گرا دیا جاتا ہے: کلائنٹ سمجھتا ہے کہ وہ جڑ گیا، اور بے کار انتظار کرتا یا بھیجتا رہتا ہے۔
finding-listen-queue-overflow-fix = لمبی قطار: پروگرام کا اپنا backlog، اور `net.core.somaxconn` جہاں وہ اس سے کم ہو؛ یا ایسا سرور جو تیزی سے قبول کرے
finding-listen-queue-overflow-price = جو کنکشن لمبی قطار میں ہوں انہیں زیادہ انتظار کرنا پڑتا ہے

finding-descriptors-nearly-full-why = ہر ساکٹ کو ایک ڈسکرپٹر چاہیے: نہ ملے تو `accept()`،‏ `socket()` اور `open()` ناکام ہوتے ہیں، `EMFILE` (پروسیس) یا `ENFILE` (سسٹم) کے ساتھ۔
finding-descriptors-nearly-full-fix = سروس کے یونٹ میں `LimitNOFILE=`، یا `prlimit --pid PID --nofile=SOFT:HARD`؛ پورے سسٹم کے لیے `sysctl -w fs.file-max=N`
finding-descriptors-nearly-full-price = میموری، اور کوئی لیک ہو تو دیر سے پتہ چلتا ہے

finding-stale-lease-why = لیز اپنا پورٹ باقی سب سے روکے رکھتی ہے۔ یہ لیز کسی کے کام نہیں آ رہی: جس پروسیس کے لیے لی گئی تھی وہ ختم ہو چکا ہے جبکہ اسے تھامنے والا چل رہا ہے، یا جب سے لی گئی، یعنی ایک دن یا اس سے زیادہ سے، وہاں کوئی نہیں سنا۔
finding-stale-lease-fix = تھامنے والے کو ختم کریں، جس کا نام `portolan lease ls` بتاتا ہے: لیز اس کے ساتھ ختم ہو جاتی ہے
finding-stale-lease-price = جو ابھی بھی یہ پورٹ بائنڈ کرنا چاہتا تھا، ہو سکتا ہے اسے یہ کسی اور کے پاس ملے

finding-recorder-off-why = پورٹ کس کے پاس ہے، یہ صرف اب کا معلوم ہے، تب کا نہیں: جب کچھ ناکام ہوا تو پورٹ کس کے پاس تھا، اور کنکشن کتنی تیزی سے آتے ہیں، یہ نہیں بتایا جا سکتا۔
finding-recorder-off-fix = `systemctl enable --now portolan`، یا `portolan record`
finding-recorder-off-price = ہر ساکٹ کے لیے پروسیسر کے ڈیڑھ مائیکرو سیکنڈ سے کم؛ ہر قبضے کے لیے ڈسک کے 15 بائٹ

finding-recorder-loses-events-why = لاگ میں خلا ہیں: ان وقتوں کے سوالوں کا جواب ”معلوم نہیں“ ہوتا ہے۔
finding-recorder-loses-events-fix = `portolan record --buffer 32M`
finding-recorder-loses-events-price = کرنل کی اتنی ہی میموری

finding-recorder-out-of-disk-why = اب کچھ درج نہیں ہو رہا، یا جلد ہی نہیں ہو گا۔
finding-recorder-out-of-disk-fix = ڈسک پر جگہ بنائیں، یا لاگ کو کم جگہ دیں: `portolan record --max-size 500M`
finding-recorder-out-of-disk-price = پرانے اندراج جلد مٹا دیے جاتے ہیں
